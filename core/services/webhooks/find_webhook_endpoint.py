"""Webhook endpoints of a tenant, without their secrets."""

from __future__ import annotations

from collections.abc import Sequence

from core.model.webhooks.webhook_endpoint import WebhookEndpoint
from ports.storage.transactions import Transactions


class FindWebhookEndpoint:
    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def __call__(self, tenant_id: str, endpoint_id: str) -> WebhookEndpoint:
        """Raises NotFound (WEBHOOK_ENDPOINT_NOT_FOUND)."""
        async with self._transactions.begin(tenant_id) as t:
            return await t.webhook_endpoints.get(endpoint_id)

    async def all(self, tenant_id: str) -> Sequence[WebhookEndpoint]:
        """All endpoints, in the order they were added."""
        async with self._transactions.begin(tenant_id) as t:
            return await t.webhook_endpoints.all()
