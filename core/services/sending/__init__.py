"""Use cases for sending: request, execute, retry, cancel, settle doubts, restored backups."""
