"""Use cases for access: API keys, people, sign-in."""
