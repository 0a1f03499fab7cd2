"""The audit of a tenant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.outbound.postgres.records import audit_of, audit_values
from adapters.outbound.postgres.tables import audit
from core.model.operations.audit import EVERYTHING, AuditEntry, AuditFilter
from ports.storage.audit import Audit


class PostgresAudit(Audit):
    def __init__(self, connection: AsyncConnection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def record(self, entry: AuditEntry) -> None:
        values = audit_values(entry) | {"tenant_id": self._tenant_id}
        await self._connection.execute(insert(audit).values(values))

    async def page(
        self, *, limit: int = 50, before: int | None = None, only: AuditFilter = EVERYTHING
    ) -> Sequence[AuditEntry]:
        query = select(audit).where(audit.c.tenant_id == self._tenant_id).order_by(audit.c.seq.desc()).limit(limit)
        if before is not None:
            query = query.where(audit.c.seq < before)
        query = query.where(*_fitting(only))
        return [audit_of(row) for row in (await self._connection.execute(query)).mappings()]


def _fitting(only: AuditFilter) -> Iterator[ColumnElement[bool]]:
    if only.actor is not None:
        yield audit.c.actor == only.actor
    if only.action is not None:
        yield or_(audit.c.action == only.action, audit.c.action.startswith(f"{only.action}.", autoescape=True))
    if only.since is not None:
        yield audit.c.at >= only.since
    if only.until is not None:
        yield audit.c.at < only.until
