"""The dashboard warnings of a tenant."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, and_, delete, func, literal_column, select, text, tuple_

from adapters.outbound.postgres.records import warning_of, warning_values
from adapters.outbound.postgres.repository import Repository
from adapters.outbound.postgres.tables.sending import warnings
from core.model.operations.job_counts import OpenSend
from core.model.sending.send import DashboardWarning, Topic
from core.model.shared.errors import NotFound
from core.model.shared.position import Position
from ports.storage.warnings import Warnings

# Not made of expressions: with them, most of its time would go into making the statement.
_NEEDING = text("""
SELECT w.* FROM unnest(CAST(:connections AS text[]), CAST(:jobs AS text[])) j (connection_id, job_id)
JOIN warnings w ON w.connection_id = j.connection_id AND w.job_id = j.job_id AND w.topic = ''
WHERE w.tenant_id = :tenant AND w.need_key <> ''
""")


class PostgresWarnings(Repository, Warnings):
    async def put(self, warning: DashboardWarning) -> None:
        await self._put(warnings, warning_values(warning), key=("connection_id", "job_id", "topic"))

    async def clear(self, connection_id: str, job_id: str | None, topic: str = Topic.SEND) -> None:
        gone = delete(warnings).where(self._ours(warnings, connection_id=connection_id, topic=topic))
        await self._run(gone if job_id is None else gone.where(warnings.c.job_id == job_id))

    async def dismiss(self, warning_id: str) -> DashboardWarning:
        missing = NotFound(f"There is no open warning {warning_id}.", code="WARNING_NOT_FOUND", fix="List them again.")
        gone = delete(warnings).where(self._ours(warnings, id=warning_id)).returning(warnings)
        return warning_of(await self._row_or(missing, gone))

    async def open(
        self, *, limit: int = 100, after: Position | None = None, code: str | None = None
    ) -> Sequence[DashboardWarning]:
        query = select(warnings).where(self._ours(warnings))
        if code is not None:
            query = query.where(warnings.c.code == code)
        if after is not None:
            query = query.where(tuple_(warnings.c.raised_at, warnings.c.id) < (after.at, after.id))
        newest = query.order_by(warnings.c.raised_at.desc(), warnings.c.id.desc()).limit(limit)
        return [warning_of(row) for row in await self._rows(newest)]

    async def needing(
        self, connection_id: str, need_keys: Collection[str], *, limit: int
    ) -> Sequence[DashboardWarning]:
        query = select(warnings).where(self._needing(connection_id, need_keys))
        newest = query.order_by(warnings.c.raised_at.desc(), warnings.c.id.desc()).limit(limit)
        return [warning_of(row) for row in await self._rows(newest)]

    async def count_needing(self, connection_id: str, need_keys: Collection[str], *, without: str) -> int:
        others = and_(self._needing(connection_id, need_keys), warnings.c.job_id != without)
        return int(await self._value(select(func.count()).select_from(warnings).where(others)))

    def _needing(self, connection_id: str, need_keys: Collection[str]) -> ColumnElement[bool]:
        named = warnings.c.need_key.in_([key for key in need_keys if key])
        return and_(self._ours(warnings, connection_id=connection_id), warnings.c.need_key != "", named)

    async def needing_codes(self, sends: Sequence[OpenSend]) -> Sequence[DashboardWarning]:
        if not sends:
            return ()
        jobs = {(one.connection_id, one.job_id) for one in sends}
        connections, numbers = zip(*sorted(jobs), strict=True)
        given = {"tenant": self._tenant_id, "connections": list(connections), "jobs": list(numbers)}
        found = (await self._connection.execute(_NEEDING, given)).mappings()
        ids = {one.send_id for one in sends}
        return [warning_of(row) for row in found if row["send_id"] in ids]

    async def beside_sends(self, *, limit: int) -> Sequence[DashboardWarning]:
        query = select(warnings).where(self._ours(warnings), warnings.c.topic != literal_column("''"))
        newest = query.order_by(warnings.c.raised_at.desc(), warnings.c.id.desc()).limit(limit)
        return [warning_of(row) for row in await self._rows(newest)]
