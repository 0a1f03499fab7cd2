"""The audit of a tenant, newest first, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence

from core.model.audit import AuditEntry
from ports.transactions import Transactions


class ListAudit:
    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def __call__(
        self, tenant_id: str, *, limit: int = 50, before: int | None = None
    ) -> tuple[Sequence[AuditEntry], int | None]:
        """The entries, and the `before` of the next page (None at the end)."""
        async with self._transactions.begin(tenant_id) as t:
            found = await t.audit.page(limit=limit + 1, before=before)
        page = found[:limit]
        return page, page[-1].seq if len(found) > limit else None
