"""Add a webhook endpoint. Its signing secret is made here and shown only once."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from core.model.operations.audit import AuditEntry
from core.model.shared.errors import Conflict
from core.model.shared.secret import Secret
from core.model.webhooks.event import EventType
from core.model.webhooks.signature import SECRET_BYTES, new_secret
from core.model.webhooks.webhook_endpoint import WebhookEndpoint, shown
from ports.clock import Clock
from ports.ids import Ids
from ports.random import Random
from ports.storage.transactions import Transactions
from ports.webhook_sender import WebhookSender

_log = structlog.get_logger()
MOST_OF_A_TENANT = 20


class AddWebhookEndpoint:
    def __init__(
        self, transactions: Transactions, sender: WebhookSender, clock: Clock, ids: Ids, random: Random
    ) -> None:
        self._transactions = transactions
        self._sender = sender
        self._clock = clock
        self._ids = ids
        self._random = random

    async def __call__(
        self, tenant_id: str, url: str, *, events: Sequence[EventType] = (), description: str = "", by: str = "operator"
    ) -> tuple[WebhookEndpoint, Secret]:
        """Empty `events` means all. Raises BadInput (WEBHOOK_ENDPOINT_INVALID, WEBHOOK_URL_REFUSED), or Conflict
        (WEBHOOK_ENDPOINTS_FULL)."""
        endpoint = WebhookEndpoint(
            id=self._ids.new("whe"),
            tenant_id=tenant_id,
            url=url,
            events=tuple(dict.fromkeys(events)),
            description=description,
            created_at=self._clock.now(),
        )
        self._sender.check(url)
        secret = new_secret(self._random.token(SECRET_BYTES))
        async with self._transactions.begin(tenant_id) as t:
            if len(await t.webhook_endpoints.all()) >= MOST_OF_A_TENANT:
                raise Conflict(
                    f"This tenant already has {MOST_OF_A_TENANT} webhook endpoints, and more are not allowed.",
                    code="WEBHOOK_ENDPOINTS_FULL",
                    fix="Remove one that is no longer needed.",
                )
            await t.webhook_endpoints.add(endpoint, secret)
            await t.audit.record(
                AuditEntry(endpoint.created_at, by, "webhook_endpoint.added", endpoint.id, {"url": shown(url)})
            )
        _log.info("webhook_endpoint.added", tenant=tenant_id, endpoint=endpoint.id)
        return endpoint, secret
