"""Fills every table that grows: see large_tables.sql."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg

MANY = 12_000
"""Rows of each table: from a few thousand on, PostgreSQL reads no table from end to end that has an index for it."""
_FILL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8").replace("20000", str(MANY))
TABLES = tuple(re.findall(r"^INSERT INTO (\w+)", _FILL, re.MULTILINE))


def fill_tables(database_url: str, *, counted: bool = True) -> None:
    """Fill the database and let PostgreSQL count what is in it. For the superuser."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(_FILL.encode())
        if counted:
            connection.execute("VACUUM ANALYZE")
