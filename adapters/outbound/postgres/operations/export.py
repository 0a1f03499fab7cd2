"""Everything that the database holds of one tenant, row by row as JSON, as it was at one moment."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

from psycopg import AsyncConnection
from psycopg import sql as s
from sqlalchemy import LargeBinary, Table

from adapters.outbound.postgres.tables import metadata, owners

AT_ONE_MOMENT = b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_ROWS_AT_ONCE = 50
_SECRET = {"people": ("password_hash",)}
"""Besides what is binary: sealed secrets, hashes and digests."""
_DERIVED = ("listed_words",)
"""Holds nothing that another table does not hold."""


def exported_tables() -> list[Table]:
    return [table for table in metadata.sorted_tables if table.name in owners().keys() - {*_DERIVED}]


def left_out(table: Table) -> list[str]:
    """The columns that no export holds."""
    binary = [column.name for column in table.columns if isinstance(column.type, LargeBinary)]
    return [*binary, *_SECRET.get(table.name, ())]


async def rows_of(driver: AsyncConnection[Any], tenant_id: str) -> AsyncGenerator[tuple[str, str], None]:
    """Table and row, in the transaction of the tenant. Few rows are in memory at once, however many there are."""
    for table in exported_tables():
        async with driver.cursor(name="export") as cursor:
            cursor.itersize = _ROWS_AT_ONCE
            await cursor.execute(_query(table), (left_out(table), tenant_id))
            async for (text,) in cursor:
                yield table.name, text


def _query(table: Table) -> s.Composed:
    key = s.SQL(", ").join(s.Identifier(name) for name in [column.name for column in table.primary_key] or ["ctid"])
    query = s.SQL("SELECT (to_jsonb(t) - %s::text[])::text FROM {table} t WHERE {owner} = %s ORDER BY {key}")
    return query.format(table=s.Identifier(table.name), owner=s.Identifier(owners()[table.name]), key=key)
