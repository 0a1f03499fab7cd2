"""Use cases for operators and for the start page: audit, counts, warnings."""
