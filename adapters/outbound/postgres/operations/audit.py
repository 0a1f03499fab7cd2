"""The audit of a tenant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, and_, or_, select

from adapters.outbound.postgres.records import columns, made
from adapters.outbound.postgres.repository import Repository, newest
from adapters.outbound.postgres.tables.setup import audit
from core.model.operations.audit import EVERYTHING, AuditEntry, AuditFilter
from ports.storage.audit import Audit


class PostgresAudit(Repository, Audit):
    async def record(self, entry: AuditEntry) -> None:
        await self._add(audit, columns(entry, "seq"))

    async def page(
        self, *, limit: int = 50, before: int | None = None, only: AuditFilter = EVERYTHING
    ) -> Sequence[AuditEntry]:
        query = select(audit).where(self._ours(audit), *_fitting(only))
        return [made(AuditEntry, row) for row in await self._rows(newest(query, audit.c.seq, limit, before))]


def _fitting(only: AuditFilter) -> Iterator[ColumnElement[bool]]:
    if only.actor is not None:
        yield audit.c.actor == only.actor
    if only.action is not None:
        # Not by LIKE: row-level security keeps it from using an index. "/" is the character after ".".
        first_word = and_(audit.c.action >= f"{only.action}.", audit.c.action < f"{only.action}/")
        yield or_(audit.c.action == only.action, first_word)
    if only.since is not None:
        yield audit.c.at >= only.since
    if only.until is not None:
        yield audit.c.at < only.until
