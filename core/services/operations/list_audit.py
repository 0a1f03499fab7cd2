"""The audit of a tenant, or that of the operators, newest first, a page at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, tzinfo

from core.model.operations.audit import EVERYTHING, AuditEntry, AuditFilter, audit_csv
from core.services.service import Service
from ports.storage.audit import Audit

MOST_EXPORTED = 20_000


@dataclass(frozen=True, slots=True)
class AuditPage:
    """`next_before` is the `before` of the next page, None at the end."""

    entries: Sequence[AuditEntry]
    next_before: int | None


class ListAudit(Service):
    async def __call__(
        self, tenant_id: str | None, *, limit: int = 50, before: int | None = None, only: AuditFilter = EVERYTHING
    ) -> AuditPage:
        """The entries older than the `seq` in `before`, or the newest ones; of the operators' audit for None."""
        async with self._audit_of(tenant_id) as audit:
            found = await audit.page(limit=limit + 1, before=before, only=only)
        page = found[:limit]
        return AuditPage(page, page[-1].seq if len(found) > limit else None)

    async def export(self, tenant_id: str | None, only: AuditFilter = EVERYTHING, zone: tzinfo = UTC) -> str:
        """The newest MOST_EXPORTED entries as CSV, with times in the zone."""
        async with self._audit_of(tenant_id) as audit:
            return audit_csv(await audit.page(limit=MOST_EXPORTED, only=only), zone)

    @asynccontextmanager
    async def _audit_of(self, tenant_id: str | None) -> AsyncIterator[Audit]:
        if tenant_id is None:
            async with self._transactions.begin_instance() as i:
                yield i.audit
        else:
            async with self._transactions.begin(tenant_id) as t:
                yield t.audit
