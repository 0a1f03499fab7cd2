"""The database server: the embedded one, sessions and their checks, poolers, the watch, role, migrations, errors."""
