"""The database itself: start it, sign in with the right role, migrate it, name its errors."""
