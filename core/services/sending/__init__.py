"""Use cases for sending: request, execute, retry, cancel, settle doubts, acknowledge a restored backup."""
