"""The dashboard's open warnings, newest first."""

from __future__ import annotations

from collections.abc import Sequence

from core.model.sending.send import DashboardWarning
from core.model.shared.position import Position
from ports.storage.transactions import Transactions


class ListWarnings:
    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def __call__(
        self, tenant_id: str, *, limit: int = 100, after: Position | None = None
    ) -> Sequence[tuple[DashboardWarning, str]]:
        """Each warning with the slug of its connection. `after` has the same meaning as in the port."""
        async with self._transactions.begin(tenant_id) as t:
            slugs = {c.id: c.slug for c in await t.connections.all()}
            return [(w, slugs[w.connection_id]) for w in await t.warnings.open(limit=limit, after=after)]
