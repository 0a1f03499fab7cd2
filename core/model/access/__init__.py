"""Who may do what: API keys, people, callers."""
