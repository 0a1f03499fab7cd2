"""Use cases for connections: add, change, test, pause, hold, and their client secrets."""
