"""Remove a webhook endpoint with its waiting deliveries."""

from __future__ import annotations

import structlog

from core.model.operations.audit import AuditEntry
from ports.clock import Clock
from ports.storage.transactions import Transactions

_log = structlog.get_logger()


class RemoveWebhookEndpoint:
    def __init__(self, transactions: Transactions, clock: Clock) -> None:
        self._transactions = transactions
        self._clock = clock

    async def __call__(self, tenant_id: str, endpoint_id: str, *, by: str = "operator") -> None:
        """Raises NotFound (WEBHOOK_ENDPOINT_NOT_FOUND)."""
        async with self._transactions.begin(tenant_id) as t:
            await t.webhook_endpoints.remove(endpoint_id)
            await t.audit.record(AuditEntry(self._clock.now(), by, "webhook_endpoint.removed", endpoint_id))
        _log.info("webhook_endpoint.removed", tenant=tenant_id, endpoint=endpoint_id)
