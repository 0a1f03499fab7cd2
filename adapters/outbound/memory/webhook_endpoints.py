"""Webhook endpoints and deliveries, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from adapters.outbound.memory.repository import Repository
from adapters.outbound.memory.rows import StoredEndpoint
from core.model.shared.errors import NotFound
from core.model.shared.secret import Secret
from core.model.webhooks.event import DeliveriesAgain, Delivery, Event, EventType, delivery_of
from core.model.webhooks.webhook_endpoint import SigningSecrets, WebhookEndpoint
from ports.storage.due_work import WorkKind
from ports.storage.webhook_endpoints import WebhookEndpoints


class MemoryWebhookEndpoints(Repository, WebhookEndpoints):
    async def add(self, endpoint: WebhookEndpoint, secret: Secret) -> None:
        self._rows.webhook_endpoints[endpoint.id] = StoredEndpoint(endpoint, SigningSecrets(secret))

    async def get(self, endpoint_id: str, *, lock: bool = False) -> WebhookEndpoint:
        return self._one(endpoint_id).endpoint

    async def all(self) -> Sequence[WebhookEndpoint]:
        return [
            row.endpoint for row in self._rows.webhook_endpoints.values() if row.endpoint.tenant_id == self._tenant_id
        ]

    async def save(self, endpoint: WebhookEndpoint) -> None:
        self._rows.webhook_endpoints[endpoint.id] = replace(self._one(endpoint.id), endpoint=endpoint)

    async def remove(self, endpoint_id: str) -> None:
        self._one(endpoint_id)
        del self._rows.webhook_endpoints[endpoint_id]
        self._set_due(WorkKind.DELIVERY, endpoint_id, None)
        for key in [key for key in self._rows.deliveries if key[0] == endpoint_id]:
            del self._rows.deliveries[key]

    async def secrets(self, endpoint_id: str) -> SigningSecrets:
        return self._one(endpoint_id).secrets

    async def rotate(self, endpoint_id: str, secret: Secret, previous_until: datetime) -> None:
        row = self._one(endpoint_id)
        secrets = SigningSecrets(secret, row.secrets.current, previous_until)
        self._rows.webhook_endpoints[endpoint_id] = replace(row, secrets=secrets)

    async def wanted(self, kind: EventType) -> bool:
        return any(not one.events or kind in one.events for one in await self.all())

    async def add_event(self, event: Event) -> None:
        for one in await self.all():
            if not one.events or event.type in one.events:
                await self.add_delivery(delivery_of(event, one.id))
                await self.wake(one.id, event.at)

    async def add_delivery(self, delivery: Delivery) -> None:
        last = max((row.seq for row in self._rows.deliveries.values()), default=0)
        self._rows.deliveries[delivery.endpoint_id, delivery.event_id] = replace(delivery, seq=last + 1)

    async def redeliver(self, endpoint_id: str, chosen: DeliveriesAgain, now: datetime) -> int:
        found = [row for row in self._of(endpoint_id) if chosen.chooses(row)]
        for row in found:
            self._rows.deliveries[row.endpoint_id, row.event_id] = row.again(now)
        return len(found)

    async def find_delivery(self, endpoint_id: str, event_id: str) -> Delivery | None:
        return next((row for row in self._of(endpoint_id) if row.event_id == event_id), None)

    async def next_delivery(self, endpoint_id: str, now: datetime) -> Delivery | None:
        due = [(row.due_at, row.seq, row) for row in self._of(endpoint_id) if row.due_at and row.due_at <= now]
        return min(due)[2] if due else None

    async def save_delivery(self, delivery: Delivery, *, tries: int) -> bool:
        key = (delivery.endpoint_id, delivery.event_id)
        stored = {(row.endpoint_id, row.event_id): row for row in self._of(delivery.endpoint_id)}.get(key)
        if stored is None or stored.tries != tries or stored.redelivered_at != delivery.redelivered_at:
            return False
        self._rows.deliveries[key] = replace(delivery, seq=stored.seq)
        return True

    async def deliveries(self, endpoint_id: str, *, limit: int = 50, before: int | None = None) -> Sequence[Delivery]:
        found = [row for row in self._of(endpoint_id) if before is None or row.seq < before]
        return sorted(found, key=lambda row: -row.seq)[:limit]

    async def next_try(self, endpoint_id: str) -> datetime | None:
        return min((row.due_at for row in self._of(endpoint_id) if row.due_at), default=None)

    async def pull_forward(self, endpoint_id: str, beyond: datetime, now: datetime) -> int:
        late = [
            one
            for one in self._of(endpoint_id)
            if one.due_at
            and one.due_at > now
            and max(at for at in (one.created_at, one.last_try_at, one.redelivered_at) if at) > beyond
        ]
        for one in late:
            self._rows.deliveries[endpoint_id, one.event_id] = replace(one, due_at=now)
        return len(late)

    async def wake(self, endpoint_id: str, now: datetime) -> None:
        if endpoint_id in [one.id for one in await self.all()]:
            self._wake(WorkKind.DELIVERY, endpoint_id, now)

    async def set_due(self, endpoint_id: str, due_at: datetime | None) -> None:
        if endpoint_id in [one.id for one in await self.all()]:
            self._set_due(WorkKind.DELIVERY, endpoint_id, due_at)

    def _of(self, endpoint_id: str) -> list[Delivery]:
        owner = self._rows.webhook_endpoints.get(endpoint_id)
        if owner is None or owner.endpoint.tenant_id != self._tenant_id:
            return []
        return [row for row in self._rows.deliveries.values() if row.endpoint_id == endpoint_id]

    def _one(self, endpoint_id: str) -> StoredEndpoint:
        row = self._rows.webhook_endpoints.get(endpoint_id)
        if row is None or row.endpoint.tenant_id != self._tenant_id:
            raise NotFound(f"There is no webhook endpoint {endpoint_id}.", code="WEBHOOK_ENDPOINT_NOT_FOUND")
        return row
