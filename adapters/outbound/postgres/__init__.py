"""Storage in PostgreSQL: tables, migrations, row-level security and one repository per port."""
