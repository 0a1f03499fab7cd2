"""The mark outside the database, as files."""
