"""SQL statements for migrations.

A migration changes tables, indexes and row-level security. The functions and triggers of today stand in `sql`, once:
`replace_functions` runs all of it after every upgrade. A migration only drops what `CREATE OR REPLACE` cannot replace:
a function whose arguments or result change, a function or trigger that goes away.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import op
from sqlalchemy import Connection

_HERE = Path(__file__).parent


def run(statements: str) -> None:
    """Run statements in a migration."""
    _run(op.get_bind(), statements)


def run_released(revision: str, file: str) -> None:
    """Run a file of the statements as they were released."""
    run((_HERE / "released" / revision / file).read_text(encoding="utf-8"))


def keep_tenants_apart(table: str, *, operator_too: bool = False, read_in_thousands: bool = False) -> None:
    """Row-level security of a new table with a `tenant_id`; a backup sees all rows. It binds the owner of the table
    too. A setting that is missing or '' matches no tenant. `operator_too`: rows without a tenant are the operator's.
    `read_in_thousands`: PostgreSQL asks for the setting once for each statement, not for each row."""
    tenant = "current_setting('app.tenant', true)"
    condition = f"(tenant_id = {f'(SELECT {tenant})' if read_in_thousands else tenant})"
    if operator_too:
        condition += " OR (tenant_id IS NULL AND current_setting('app.operator', true) = 'on')"
    run(f"""
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON {table} USING ({condition}) WITH CHECK ({condition});
CREATE POLICY backed_up ON {table} FOR SELECT
    USING (current_setting('app.backup', true) = 'on' AND current_setting('role') = 'none');
""")


@contextmanager
def all_rows(table: str) -> Iterator[None]:
    """In this block, a migration sees and changes the rows of every tenant."""
    run(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    yield
    run(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def replace_functions(connection: Connection) -> None:
    """Make or replace every function and trigger of this version. They may call each other, whatever the order."""
    _run(connection, "SET LOCAL check_function_bodies = off")
    for file in sorted((_HERE / "sql").glob("*.sql")):
        _run(connection, file.read_text(encoding="utf-8"))


def _run(connection: Connection, statements: str) -> None:
    """As they are: they are full of colons and percent signs that are no parameters."""
    connection.exec_driver_sql(statements.replace("%", "%%"))
