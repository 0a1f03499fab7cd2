"""The verbs: one use case, one file, one `__call__`."""
