"""What a worker stores and reads for every send, each in one call of a database function."""
