"""The audit of a tenant, newest first, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo

from core.model.operations.audit import EVERYTHING, AuditEntry, AuditFilter, audit_csv
from core.services.service import Service

MOST_EXPORTED = 20_000


@dataclass(frozen=True, slots=True)
class AuditPage:
    """`next_before` is the `before` of the next page, None at the end."""

    entries: Sequence[AuditEntry]
    next_before: int | None


class ListAudit(Service):
    async def __call__(
        self, tenant_id: str, *, limit: int = 50, before: int | None = None, only: AuditFilter = EVERYTHING
    ) -> AuditPage:
        """The entries older than the `seq` in `before`, or the newest ones."""
        async with self._transactions.begin(tenant_id) as t:
            found = await t.audit.page(limit=limit + 1, before=before, only=only)
        page = found[:limit]
        return AuditPage(page, page[-1].seq if len(found) > limit else None)

    async def export(self, tenant_id: str, only: AuditFilter = EVERYTHING, zone: tzinfo = UTC) -> str:
        """The newest MOST_EXPORTED entries as CSV, with times in the zone."""
        async with self._transactions.begin(tenant_id) as t:
            return audit_csv(await t.audit.page(limit=MOST_EXPORTED, only=only), zone)
