"""The dashboard warnings of a tenant."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Text, delete, func, literal_column, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.outbound.postgres.records import warning_of, warning_values
from adapters.outbound.postgres.tables import warnings
from core.model.sending.send import Cause, DashboardWarning, Topic
from core.model.shared.errors import NotFound
from core.model.shared.position import Position
from ports.storage.warnings import Warnings

_of_code: ColumnElement[str] = literal_column("warnings.finding ->> 'code'", Text)
"""Written exactly like the index, so that PostgreSQL uses it."""

_ONE = ("connection_id", "job_id", "topic")


class PostgresWarnings(Warnings):
    def __init__(self, connection: AsyncConnection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def put(self, warning: DashboardWarning) -> None:
        values = warning_values(warning) | {"tenant_id": self._tenant_id}
        await self._connection.execute(
            insert(warnings)
            .values(values)
            .on_conflict_do_update(
                index_elements=_ONE,
                set_={name: value for name, value in values.items() if name not in _ONE},
            )
        )

    async def clear(self, connection_id: str, job_id: str | None, topic: str = Topic.SEND) -> None:
        gone = delete(warnings).where(
            warnings.c.tenant_id == self._tenant_id,
            warnings.c.connection_id == connection_id,
            warnings.c.topic == topic,
        )
        await self._connection.execute(gone if job_id is None else gone.where(warnings.c.job_id == job_id))

    async def dismiss(self, warning_id: str) -> None:
        gone = await self._connection.execute(
            delete(warnings).where(warnings.c.tenant_id == self._tenant_id, warnings.c.id == warning_id)
        )
        if gone.rowcount == 0:
            raise NotFound(f"There is no open warning {warning_id}.", code="WARNING_NOT_FOUND", fix="List them again.")

    async def open(
        self, *, limit: int = 100, after: Position | None = None, code: str | None = None
    ) -> Sequence[DashboardWarning]:
        query = select(warnings).where(warnings.c.tenant_id == self._tenant_id)
        if code is not None:
            query = query.where(_of_code == code)
        if after is not None:
            query = query.where(tuple_(warnings.c.raised_at, warnings.c.id) < (after.at, after.id))
        found = await self._connection.execute(
            query.order_by(warnings.c.raised_at.desc(), warnings.c.id.desc()).limit(limit)
        )
        return [warning_of(row) for row in found.mappings()]

    async def causes(self) -> Sequence[Cause]:
        count, moment = func.count(), warnings.c.raised_at
        found = await self._connection.execute(
            select(_of_code, count, func.min(moment), func.max(moment))
            .where(warnings.c.tenant_id == self._tenant_id)
            .group_by(_of_code)
            .order_by(count.desc(), func.convert_to(_of_code, "UTF8"))
        )
        return [Cause(code=code, count=many, first=first, last=last) for code, many, first, last in found]
