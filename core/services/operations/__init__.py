"""Use cases for operators and for the start page: audit, figures, warnings."""
