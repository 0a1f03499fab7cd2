"""Test a webhook endpoint: post one test event now, also while the endpoint is paused."""

from __future__ import annotations

from dataclasses import replace

from core.model.webhooks.delivery import Delivery, DeliveryState
from core.model.webhooks.event import trial_event
from core.model.webhooks.signature import signed_headers
from ports.clock import Clock
from ports.ids import Ids
from ports.storage.transactions import Transactions
from ports.webhook_sender import WebhookSender


class TryWebhookEndpoint:
    def __init__(self, transactions: Transactions, sender: WebhookSender, clock: Clock, ids: Ids) -> None:
        self._transactions = transactions
        self._sender = sender
        self._clock = clock
        self._ids = ids

    async def __call__(self, tenant_id: str, endpoint_id: str) -> Delivery:
        """The result. The event is not retried, and a failure does not count for the endpoint. Raises NotFound."""
        now = self._clock.now()
        event = trial_event(self._ids.new("evt"), now, endpoint_id)
        delivery = Delivery(
            endpoint_id=endpoint_id,
            event_id=event.id,
            type=event.type,
            body=event.body,
            created_at=now,
            last_try_at=now,
        )
        async with self._transactions.begin(tenant_id) as t:
            endpoint = await t.webhook_endpoints.get(endpoint_id, lock=True)
            secrets = (await t.webhook_endpoints.secrets(endpoint_id)).valid(now)
            await t.deliveries.add(delivery)
            await t.deliveries.wake(endpoint_id, now)  # so that the delivery is removed when it is old
        body = event.body.encode()
        posted = await self._sender.post(endpoint.url, signed_headers(event.id, now, body, secrets), body)
        state = DeliveryState.DELIVERED if posted.accepted else DeliveryState.FAILED
        delivery = replace(delivery, state=state, tries=1, status=posted.status, detail=posted.detail)
        async with self._transactions.begin(tenant_id) as t:
            await t.deliveries.save(delivery, tries=0)
        return delivery
