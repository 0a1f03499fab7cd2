"""What all tables share. PostgreSQL names the keys, unique constraints and checks that have no name here."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Identity, MetaData, Table, Text, text

if TYPE_CHECKING:
    from sqlalchemy.schema import SchemaItem
    from sqlalchemy.types import TypeEngine

T = TypeVar("T")

metadata = MetaData()
MOMENT = DateTime(timezone=True)

# Partial indexes cover only the few rows that somebody looks for.
IF_DUE = text("due_at IS NOT NULL")


def table(name: str, *parts: SchemaItem) -> Table:
    return Table(name, metadata, *parts)


def needed(kind: type[TypeEngine[T]] | TypeEngine[T], *names: str) -> list[Column[T]]:
    """Columns of one type that every row fills."""
    return [Column(name, kind, nullable=False) for name in names]


def optional(kind: type[TypeEngine[T]] | TypeEngine[T], *names: str) -> list[Column[T]]:
    """Columns of one type that may be NULL."""
    return [Column(name, kind) for name in names]


def seq(*, primary_key: bool = False) -> Column[int]:
    """The order in which rows were added. PostgreSQL counts; no query can set it."""
    return Column("seq", BigInteger, Identity(always=True), primary_key=primary_key, nullable=False)


def tenant_id(*, primary_key: bool = False, nullable: bool = False, ondelete: str | None = None) -> Column[str]:
    """Whose row it is. A migration makes row-level security for every table that has this column."""
    return Column(
        "tenant_id", Text, ForeignKey("tenants.id", ondelete=ondelete), primary_key=primary_key, nullable=nullable
    )


def owners() -> dict[str, str]:
    """Every table whose rows belong to a tenant, with the column that says to which one."""
    return {table.name: "tenant_id" for table in metadata.sorted_tables if "tenant_id" in table.c} | {"tenants": "id"}
