"""Remove a webhook endpoint, with all that was still to be delivered to it."""

from __future__ import annotations

import structlog

from ports.transactions import Transactions

_log = structlog.get_logger()


class RemoveWebhookEndpoint:
    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def __call__(self, tenant_id: str, endpoint_id: str) -> None:
        """Raises NotFound (WEBHOOK_ENDPOINT_NOT_FOUND)."""
        async with self._transactions.begin(tenant_id) as t:
            await t.webhook_endpoints.remove(endpoint_id)
        _log.info("webhook_endpoint.removed", tenant=tenant_id, endpoint=endpoint_id)
