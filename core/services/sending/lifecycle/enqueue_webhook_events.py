"""Store a send's webhook event in the same transaction as its outcome, so that neither exists without the other."""

from __future__ import annotations

from core.model.connections.connection import Hold
from core.model.sending.send import Send
from core.model.sending.send_event import send_event
from core.model.webhooks.event import EventType
from ports.clock import Clock
from ports.ids import Ids
from ports.storage.transactions import TenantTransaction


class EnqueueWebhookEvents:
    def __init__(self, clock: Clock, ids: Ids) -> None:
        self._clock = clock
        self._ids = ids

    async def __call__(self, t: TenantTransaction, kind: EventType, send: Send, hold: Hold | None = None) -> None:
        """Called in the transaction that stores the outcome. For a tenant without endpoints it costs one query."""
        if not await t.webhook_endpoints.wanted(kind):
            return
        connection = (await t.connections.get(send.connection_id)).slug
        await t.webhook_endpoints.add_event(
            send_event(self._ids.new("evt"), kind, self._clock.now(), send, connection, hold)
        )
