"""Rules of West for Jobferry, found by its entry point (see pyproject.toml)."""
