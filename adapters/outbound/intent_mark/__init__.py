"""The intent mark outside the database, stored in files."""
