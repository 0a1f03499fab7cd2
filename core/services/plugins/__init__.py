"""Use cases for plugins: list, check, rehearse."""
