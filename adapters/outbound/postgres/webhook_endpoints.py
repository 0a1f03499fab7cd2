"""Webhook endpoints of a tenant, with their sealed signing secrets, and the deliveries of events to them.

An event is stored in the transaction of its cause, delivered, and kept for some time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, delete, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from adapters.outbound.postgres.due_moments import DueMoments
from adapters.outbound.postgres.records import columns, made
from adapters.outbound.postgres.repository import SealingRepository, newest
from adapters.outbound.postgres.tables.webhooks import webhook_deliveries, webhook_endpoints
from core.model.shared.errors import NotFound
from core.model.shared.secret import Secret
from core.model.webhooks.event import DeliveriesAgain, Delivery, DeliveryState, Event, EventType, delivery_of
from core.model.webhooks.webhook_endpoint import SigningSecrets, WebhookEndpoint
from ports.storage.due_work import WorkKind
from ports.storage.webhook_endpoints import WebhookEndpoints

SECRET, PREVIOUS_SECRET = "secret", "previous_secret"


class PostgresWebhookEndpoints(SealingRepository, WebhookEndpoints):
    async def add(self, endpoint: WebhookEndpoint, secret: Secret) -> None:
        sealed = await self._sealed(webhook_endpoints, endpoint.id, **{SECRET: secret})
        await self._add(webhook_endpoints, columns(endpoint) | sealed)
        await self._due.add(WorkKind.DELIVERY, endpoint.id)

    async def get(self, endpoint_id: str, *, lock: bool = False) -> WebhookEndpoint:
        query = select(webhook_endpoints).where(self._ours(webhook_endpoints, id=endpoint_id))
        # This lock allows foreign key checks, so storing an event for this endpoint does not wait for us.
        query = query.with_for_update(key_share=True) if lock else query
        return _endpoint_of(await self._row_or(_missing(endpoint_id), query))

    async def all(self) -> Sequence[WebhookEndpoint]:
        query = select(webhook_endpoints).where(self._ours(webhook_endpoints)).order_by(webhook_endpoints.c.seq)
        return [_endpoint_of(row) for row in await self._rows(query)]

    async def save(self, endpoint: WebhookEndpoint) -> None:
        await self._change(endpoint.id, columns(endpoint))

    async def remove(self, endpoint_id: str) -> None:
        this = self._ours(webhook_endpoints, id=endpoint_id)
        await self._run_or(_missing(endpoint_id), delete(webhook_endpoints).where(this))
        await self._due.remove(endpoint_id)

    async def secrets(self, endpoint_id: str) -> SigningSecrets:
        row = await self._with_data_key(_missing(endpoint_id), webhook_endpoints, endpoint_id)
        return SigningSecrets(
            self._opened(webhook_endpoints, row, SECRET),
            row[PREVIOUS_SECRET] and self._opened(webhook_endpoints, row, PREVIOUS_SECRET),
            row["previous_until"],
        )

    async def rotate(self, endpoint_id: str, secret: Secret, previous_until: datetime) -> None:
        present = (await self.secrets(endpoint_id)).current
        sealed = await self._sealed(webhook_endpoints, endpoint_id, **{SECRET: secret, PREVIOUS_SECRET: present})
        await self._change(endpoint_id, {**sealed, "previous_until": previous_until})

    async def wanted(self, kind: EventType) -> bool:
        return bool(await self._value(select(exists().where(self._asked_for(kind)))))

    async def add_event(self, event: Event) -> None:
        # The lock waits for the removal of an endpoint, instead of failing on the missing row. The order is the same
        # everywhere, so that two transactions of a tenant never wait for each other.
        asking = await self._rows(
            select(webhook_endpoints.c.id)
            .where(self._asked_for(event.type))
            .order_by(webhook_endpoints.c.id)
            .with_for_update(read=True, key_share=True)
        )
        deliveries = [delivery_of(event, row["id"]) for row in asking]
        if not deliveries:
            return
        tenant = {"tenant_id": self._tenant_id}
        await self._connection.execute(
            insert(webhook_deliveries), [values | tenant for values in map(_delivery_values, deliveries)]
        )
        for one in deliveries:
            await self.wake(one.endpoint_id, event.at)

    async def add_delivery(self, delivery: Delivery) -> None:
        await self._add(webhook_deliveries, _delivery_values(delivery))

    async def redeliver(self, endpoint_id: str, chosen: DeliveriesAgain, now: datetime) -> int:
        row = webhook_deliveries.c
        conditions = [or_(row.tries > 0, row.state != DeliveryState.PENDING.value), row.type != EventType.TEST.value]
        if chosen.event_id is not None:
            conditions.append(row.event_id == chosen.event_id)
        if chosen.since is not None:
            conditions.append(row.created_at >= chosen.since)
        if chosen.until is not None:
            conditions.append(row.created_at < chosen.until)
        if chosen.only_failed:
            conditions.append(row.state == DeliveryState.FAILED.value)
        again = {"state": DeliveryState.PENDING.value, "tries": 0, "due_at": now, "redelivered_at": now}
        return await self._run(update(webhook_deliveries).where(self._of(endpoint_id), *conditions).values(again))

    async def find_delivery(self, endpoint_id: str, event_id: str) -> Delivery | None:
        row = await self._row(select(webhook_deliveries).where(self._of(endpoint_id, event_id=event_id)))
        return made(Delivery, row) if row else None

    async def next_delivery(self, endpoint_id: str, now: datetime) -> Delivery | None:
        due_at = webhook_deliveries.c.due_at
        due = select(webhook_deliveries).where(self._of(endpoint_id), due_at <= now)
        row = await self._row(due.order_by(due_at, webhook_deliveries.c.seq).limit(1))
        return made(Delivery, row) if row else None

    async def save_delivery(self, delivery: Delivery, *, tries: int) -> bool:
        seen = self._of(delivery.endpoint_id, event_id=delivery.event_id, tries=tries)
        same = webhook_deliveries.c.redelivered_at.is_not_distinct_from(delivery.redelivered_at)
        return await self._run(update(webhook_deliveries).where(seen, same).values(_delivery_values(delivery))) == 1

    async def deliveries(self, endpoint_id: str, *, limit: int = 50, before: int | None = None) -> Sequence[Delivery]:
        query = select(webhook_deliveries).where(self._of(endpoint_id))
        page = newest(query, webhook_deliveries.c.seq, limit, before)
        return [made(Delivery, row) for row in await self._rows(page)]

    async def next_try(self, endpoint_id: str) -> datetime | None:
        due_at = func.min(webhook_deliveries.c.due_at)
        next_try: datetime | None = await self._value(select(due_at).where(self._of(endpoint_id)))
        return next_try

    async def pull_forward(self, endpoint_id: str, beyond: datetime, now: datetime) -> int:
        row = webhook_deliveries.c
        put_off = func.greatest(row.created_at, row.last_try_at, row.redelivered_at)
        late = update(webhook_deliveries).where(self._of(endpoint_id), row.due_at > now, put_off > beyond)
        return await self._run(late.values(due_at=now))

    async def wake(self, endpoint_id: str, now: datetime) -> None:
        await self._due.wake(WorkKind.DELIVERY, endpoint_id, now)

    async def set_due(self, endpoint_id: str, due_at: datetime | None) -> None:
        await self._due.set(WorkKind.DELIVERY, endpoint_id, due_at)

    @property
    def _due(self) -> DueMoments:
        return DueMoments(self._connection, self._tenant_id)

    def _asked_for(self, kind: EventType) -> ColumnElement[bool]:
        events = webhook_endpoints.c.events
        all_events = func.jsonb_array_length(events) == 0
        return self._ours(webhook_endpoints) & or_(all_events, events.contains([kind.value]))

    def _of(self, endpoint_id: str, **values: object) -> ColumnElement[bool]:
        return self._ours(webhook_deliveries, endpoint_id=endpoint_id, **values)

    async def _change(self, endpoint_id: str, values: Mapping[str, Any]) -> None:
        await self._run(update(webhook_endpoints).where(self._ours(webhook_endpoints, id=endpoint_id)).values(values))


def _endpoint_of(row: RowMapping) -> WebhookEndpoint:
    return made(WebhookEndpoint, row, events=tuple(EventType(kind) for kind in row["events"]))


def _delivery_values(delivery: Delivery) -> dict[str, Any]:
    """Return all columns except `seq` and `tenant_id`."""
    return columns(delivery, "seq")


def _missing(endpoint_id: str) -> NotFound:
    return NotFound(
        f"There is no webhook endpoint {endpoint_id}.",
        code="WEBHOOK_ENDPOINT_NOT_FOUND",
        fix="List the endpoints.",
    )
