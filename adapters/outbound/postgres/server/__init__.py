"""The database server: start, role, migrations, errors."""
