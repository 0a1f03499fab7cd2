"""Use cases for access: API keys, people, signing in."""
