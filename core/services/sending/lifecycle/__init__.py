"""The only code that changes a send, and what it stores with it."""
