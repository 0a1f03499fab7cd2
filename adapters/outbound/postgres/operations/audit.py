"""The audit of a tenant, and that of the operators."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Table, and_, func, insert, or_, select

from adapters.outbound.postgres.records import columns, made
from adapters.outbound.postgres.repository import Repository, newest
from adapters.outbound.postgres.tables.setup import audit, operator_audit
from core.model.operations.audit import EVERYTHING, AuditEntry, AuditFilter
from ports.storage.audit import Audit, OperatorAudit

_SET_BY_THE_DATABASE = ("seq", "actor_name")


class PostgresAudit(Repository, Audit):
    async def record(self, entry: AuditEntry) -> None:
        await self._add(audit, columns(entry, *_SET_BY_THE_DATABASE))

    async def page(
        self, *, limit: int = 50, before: int | None = None, only: AuditFilter = EVERYTHING
    ) -> Sequence[AuditEntry]:
        query = select(audit).where(self._ours(audit), *_fitting(audit, only))
        return [made(AuditEntry, row) for row in await self._rows(newest(query, audit.c.seq, limit, before))]


class PostgresOperatorAudit(Repository, OperatorAudit):
    async def record(self, entry: AuditEntry) -> None:
        await self._run(insert(operator_audit).values(columns(entry, *_SET_BY_THE_DATABASE)))

    async def page(
        self, *, limit: int = 50, before: int | None = None, only: AuditFilter = EVERYTHING
    ) -> Sequence[AuditEntry]:
        query = select(operator_audit).where(*_fitting(operator_audit, only))
        return [made(AuditEntry, row) for row in await self._rows(newest(query, operator_audit.c.seq, limit, before))]

    async def forget(self, before: datetime, most: int) -> int:
        return int(await self._value(select(func.forget_old_operator_audit(before, most))))


def _fitting(table: Table, only: AuditFilter) -> Iterator[ColumnElement[bool]]:
    if only.actor is not None:
        yield table.c.actor == only.actor
    if only.action is not None:
        # Not by LIKE: row-level security keeps it from using an index. "/" is the character after ".".
        first_word = and_(table.c.action >= f"{only.action}.", table.c.action < f"{only.action}/")
        yield or_(table.c.action == only.action, first_word)
    if only.subject is not None:
        yield table.c.subject == only.subject
    if only.since is not None:
        yield table.c.at >= only.since
    if only.until is not None:
        yield table.c.at < only.until
