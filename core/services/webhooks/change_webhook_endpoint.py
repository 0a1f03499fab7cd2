"""Change a webhook endpoint: its address, its events, its description, its pause."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import structlog

from core.model.operations.audit import AuditEntry
from core.model.webhooks.event import EventType
from core.model.webhooks.webhook_endpoint import WebhookEndpoint, shown
from ports.clock import Clock
from ports.storage.transactions import Transactions
from ports.webhook_sender import WebhookSender

_log = structlog.get_logger()


class ChangeWebhookEndpoint:
    def __init__(self, transactions: Transactions, sender: WebhookSender, clock: Clock) -> None:
        self._transactions = transactions
        self._sender = sender
        self._clock = clock

    async def __call__(
        self,
        tenant_id: str,
        endpoint_id: str,
        *,
        url: str | None = None,
        events: Sequence[EventType] | None = None,
        description: str | None = None,
        paused: bool | None = None,
        by: str = "operator",
    ) -> WebhookEndpoint:
        """None leaves a field unchanged. Raises NotFound, BadInput (WEBHOOK_ENDPOINT_INVALID, WEBHOOK_URL_REFUSED).

        After a new address or the end of a pause, earlier failures no longer count and waiting events are delivered.
        """
        changes: dict[str, Any] = {"url": url, "description": description, "paused": paused}
        changes = {name: value for name, value in changes.items() if value is not None}
        if events is not None:
            changes["events"] = tuple(dict.fromkeys(events))
        if paused is not None:
            changes["paused_reason"] = ""
        if url is not None or paused is False:
            changes["failing_since"] = None
        now = self._clock.now()
        async with self._transactions.begin(tenant_id) as t:
            endpoint = replace(await t.webhook_endpoints.get(endpoint_id, lock=True), **changes)
            if url is not None:
                self._sender.check(url)
            await t.webhook_endpoints.save(endpoint)
            await t.deliveries.wake(endpoint_id, now)
            detail = {"changed": ", ".join(sorted(changes))} | ({"url": shown(url)} if url else {})
            await t.audit.record(AuditEntry(now, by, "webhook_endpoint.changed", endpoint_id, detail))
        _log.info("webhook_endpoint.changed", tenant=tenant_id, endpoint=endpoint_id, fields=sorted(changes))
        return endpoint
