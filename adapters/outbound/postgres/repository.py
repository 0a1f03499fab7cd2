"""What all repositories share: the connection of one transaction, and the tenant whose rows they see."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Executable, RowMapping, Select, Table, and_, literal_column, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.outbound.postgres.data_keys import held_data_key
from adapters.outbound.postgres.tables.setup import tenants
from core.model.shared.errors import JobferryError
from core.model.shared.secret import Secret
from ports.vault import Vault

T = TypeVar("T", bound=tuple[Any, ...])
Seq = TypeVar("Seq", int, str)
_NOTHING: ColumnElement[str] = literal_column("''")


class Repository:
    """`tenant_id` None: the operator's rows."""

    def __init__(self, connection: AsyncConnection, tenant_id: str | None = None) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    def _mine(self, table: Table) -> ColumnElement[bool]:
        return table.c.tenant_id == self._tenant_id

    def _ours(self, table: Table, **values: object) -> ColumnElement[bool]:
        """Return the condition for the tenant's rows with these values in the named columns.

        A row with an id is searched for by that alone: while the planner knows little of a table, an index of the
        tenant looks as good, and all rows of the tenant would be read. No index serves `tenant_id || ''`.
        """
        by_id = table.c.tenant_id.concat(_NOTHING) == self._tenant_id
        return and_(
            by_id if "id" in values else self._mine(table), *(table.c[name] == value for name, value in values.items())
        )

    async def _run(self, statement: Executable) -> int:
        """Execute a statement; return the number of rows that it changed."""
        return (await self._connection.execute(statement)).rowcount

    async def _row(self, query: Executable) -> RowMapping | None:
        """Return the first row, None if there is none."""
        return (await self._connection.execute(query)).mappings().first()

    async def _row_or(self, missing: JobferryError, query: Executable) -> RowMapping:
        """Return the first row. Raises `missing` if there is none."""
        row = await self._row(query)
        if row is None:
            raise missing
        return row

    async def _run_or(self, missing: JobferryError, statement: Executable) -> None:
        """Execute a statement. Raises `missing` if it changed no row."""
        if not await self._run(statement):
            raise missing

    async def _rows(self, query: Executable) -> Sequence[RowMapping]:
        return (await self._connection.execute(query)).mappings().all()

    async def _value(self, query: Executable) -> Any:
        """Return the first column of the first row, None if there is no row."""
        return await self._connection.scalar(query)

    async def _add(self, table: Table, values: Mapping[str, Any]) -> None:
        await self._run(insert(table).values({"tenant_id": self._tenant_id, **values}))

    async def _put(self, table: Table, values: Mapping[str, Any], *, key: Sequence[str]) -> None:
        """Insert a row, or replace the row with the same values in the columns of `key`."""
        changes = {name: value for name, value in values.items() if name not in (*key, "tenant_id")}
        added = insert(table).values({"tenant_id": self._tenant_id, **values})
        await self._run(added.on_conflict_do_update(index_elements=key, set_=changes))


class SealingRepository(Repository):
    """A repository of rows with secrets, which are sealed with the tenant's data key."""

    _tenant_id: str

    def __init__(self, connection: AsyncConnection, tenant_id: str, vault: Vault) -> None:
        super().__init__(connection, tenant_id)
        self._vault = vault

    async def _sealed(self, table: Table, row_id: str, **secrets: Secret | None) -> dict[str, bytes | None]:
        """Return the secrets of one row by column, sealed. Their key does not change before the transaction ends."""
        data_key = await held_data_key(self._connection, self._tenant_id)
        return {
            name: self._vault.seal(data_key, self._tenant_id, secret_field(table, row_id, name), secret)
            if secret is not None
            else None
            for name, secret in secrets.items()
        }

    async def _with_data_key(self, missing: JobferryError, table: Table, row_id: str) -> RowMapping:
        """Return a row, and the `data_key` that opens its secrets. Raises `missing` if there is no such row."""
        # One statement reads both: between two, a key rotation could seal the secrets again.
        query = select(table, tenants.c.data_key).join(tenants, tenants.c.id == table.c.tenant_id)
        return await self._row_or(missing, query.where(self._ours(table, id=row_id)))

    def _opened(self, table: Table, row: RowMapping, name: str) -> Secret:
        """Return the secret in this column of a row of `_with_data_key`."""
        return opened(self._vault, table, row, name)


def opened(vault: Vault, table: Table, row: RowMapping | Mapping[str, Any], name: str) -> Secret:
    """Return the secret in this column of a row that comes with its tenant's `data_key`."""
    return vault.open(row["data_key"], row["tenant_id"], secret_field(table, row["id"], name), row[name])


def newest(query: Select[T], seq: ColumnElement[Seq], limit: int | None, before: Seq | None) -> Select[T]:
    """Return the query for one page, newest first. `before` is the last `seq` of the page before it, if any. Ids do as
    `seq`, too: they are ordered by time."""
    page = query.order_by(seq.desc()).limit(limit)
    return page if before is None else page.where(seq < before)


def secret_field(table: Table, row_id: str, name: str) -> str:
    """Return the name that a sealed secret is bound to, in addition to its tenant."""
    return f"{table.name}.{row_id}.{name}"


def owner_key(connection_id: str) -> bytes:
    """Return the owner's name on rows that all tenants share. Ids are random, so it does not reveal the connection."""
    return hashlib.sha256(connection_id.encode()).digest()
