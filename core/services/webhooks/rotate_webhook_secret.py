"""Give a webhook endpoint a new signing secret. For one day the old one signs too."""

from __future__ import annotations

import structlog

from core.model.operations.audit import AuditEntry
from core.model.shared.secret import Secret
from core.model.webhooks.signature import SECRET_BYTES, new_secret
from core.model.webhooks.webhook_endpoint import OVERLAP, WebhookEndpoint
from ports.clock import Clock
from ports.random import Random
from ports.storage.transactions import Transactions

_log = structlog.get_logger()


class RotateWebhookSecret:
    def __init__(self, transactions: Transactions, clock: Clock, random: Random) -> None:
        self._transactions = transactions
        self._clock = clock
        self._random = random

    async def __call__(
        self, tenant_id: str, endpoint_id: str, *, by: str = "operator"
    ) -> tuple[WebhookEndpoint, Secret]:
        """The new secret is shown only once. A second rotation within the day ends the oldest secret at once.

        Raises NotFound (WEBHOOK_ENDPOINT_NOT_FOUND).
        """
        secret = new_secret(self._random.token(SECRET_BYTES))
        now = self._clock.now()
        async with self._transactions.begin(tenant_id) as t:
            await t.webhook_endpoints.rotate(endpoint_id, secret, now + OVERLAP)
            endpoint = await t.webhook_endpoints.get(endpoint_id)
            await t.audit.record(AuditEntry(now, by, "webhook_endpoint.secret_rotated", endpoint_id))
        _log.info("webhook_endpoint.secret_rotated", tenant=tenant_id, endpoint=endpoint_id)
        return endpoint, secret
