"""The deliveries to a webhook endpoint, newest first, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.model.webhooks.delivery import Delivery
from ports.storage.transactions import Transactions


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    """`next_before` is the `before` of the next page, None at the end."""

    deliveries: Sequence[Delivery]
    next_before: int | None


class ListDeliveries:
    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def __call__(
        self, tenant_id: str, endpoint_id: str, *, limit: int = 50, before: int | None = None
    ) -> DeliveryPage:
        """Raises NotFound (WEBHOOK_ENDPOINT_NOT_FOUND)."""
        async with self._transactions.begin(tenant_id) as t:
            await t.webhook_endpoints.get(endpoint_id)
            found = await t.deliveries.page(endpoint_id, limit=limit + 1, before=before)
        page = found[:limit]
        return DeliveryPage(page, page[-1].seq if len(found) > limit else None)
