"""Outgoing events: stored in the transaction of their cause, delivered, and kept for some time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, delete, exists, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.outbound.postgres.tables import webhook_deliveries, webhook_due, webhook_endpoints
from core.model.webhooks.delivery import Delivery, DeliveryState
from core.model.webhooks.event import Event, EventType
from ports.storage.events import Deliveries, Events


class PostgresEvents(Events):
    def __init__(self, connection: AsyncConnection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def wanted(self, kind: EventType) -> bool:
        answer = await self._connection.execute(select(exists().where(self._asked_for(kind))))
        return bool(answer.scalar_one())

    async def add(self, event: Event) -> None:
        # The lock waits for the removal of an endpoint, instead of failing on the missing row. The order is the same
        # everywhere, so that two transactions of a tenant never wait for each other.
        found = await self._connection.execute(
            select(webhook_endpoints.c.id)
            .where(self._asked_for(event.type))
            .order_by(webhook_endpoints.c.id)
            .with_for_update(read=True, key_share=True)
        )
        endpoint_ids = found.scalars().all()
        if not endpoint_ids:
            return
        common = {
            "tenant_id": self._tenant_id,
            "event_id": event.id,
            "type": event.type.value,
            "body": event.body,
            "created_at": event.at,
            "state": DeliveryState.PENDING.value,
            "tries": 0,
            "due_at": event.at,
            "detail": "",
        }
        await self._connection.execute(
            insert(webhook_deliveries), [common | {"endpoint_id": endpoint_id} for endpoint_id in endpoint_ids]
        )
        for endpoint_id in endpoint_ids:
            await wake(self._connection, self._tenant_id, endpoint_id, event.at)

    def _asked_for(self, kind: EventType) -> ColumnElement[bool]:
        events = webhook_endpoints.c.events
        return (webhook_endpoints.c.tenant_id == self._tenant_id) & or_(
            func.jsonb_array_length(events) == 0, events.contains([kind.value])
        )


class PostgresDeliveries(Deliveries):
    def __init__(self, connection: AsyncConnection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def add(self, delivery: Delivery) -> None:
        values = _values(delivery) | {"tenant_id": self._tenant_id}
        await self._connection.execute(insert(webhook_deliveries).values(values))

    async def next_due(self, endpoint_id: str, now: datetime) -> Delivery | None:
        due_at = webhook_deliveries.c.due_at
        found = await self._connection.execute(
            select(webhook_deliveries)
            .where(self._of(endpoint_id), due_at <= now)
            .order_by(due_at, webhook_deliveries.c.seq)
            .limit(1)
        )
        row = found.mappings().first()
        return _delivery_of(row) if row else None

    async def save(self, delivery: Delivery, *, tries: int) -> bool:
        done = await self._connection.execute(
            update(webhook_deliveries)
            .where(
                self._of(delivery.endpoint_id),
                webhook_deliveries.c.event_id == delivery.event_id,
                webhook_deliveries.c.tries == tries,
            )
            .values(_values(delivery))
        )
        return done.rowcount == 1

    async def page(self, endpoint_id: str, *, limit: int = 50, before: int | None = None) -> Sequence[Delivery]:
        query = select(webhook_deliveries).where(self._of(endpoint_id))
        if before is not None:
            query = query.where(webhook_deliveries.c.seq < before)
        found = await self._connection.execute(query.order_by(webhook_deliveries.c.seq.desc()).limit(limit))
        return [_delivery_of(row) for row in found.mappings()]

    async def remove_before(self, endpoint_id: str, moment: datetime) -> None:
        await self._connection.execute(
            delete(webhook_deliveries).where(self._of(endpoint_id), webhook_deliveries.c.created_at < moment)
        )

    async def earliest(self, endpoint_id: str) -> tuple[datetime | None, datetime | None]:
        found = await self._connection.execute(
            select(
                select(func.min(webhook_deliveries.c.due_at)).where(self._of(endpoint_id)).scalar_subquery(),
                select(func.min(webhook_deliveries.c.created_at)).where(self._of(endpoint_id)).scalar_subquery(),
            )
        )
        next_try, oldest = found.one()
        return next_try, oldest

    async def wake(self, endpoint_id: str, now: datetime) -> None:
        await wake(self._connection, self._tenant_id, endpoint_id, now)

    async def release(self, endpoint_id: str, due_at: datetime | None) -> None:
        await self._connection.execute(
            update(webhook_due)
            .where(webhook_due.c.tenant_id == self._tenant_id, webhook_due.c.endpoint_id == endpoint_id)
            .values(due_at=due_at, claimed_until=None)
        )

    def _of(self, endpoint_id: str) -> ColumnElement[bool]:
        columns = webhook_deliveries.c
        return (columns.tenant_id == self._tenant_id) & (columns.endpoint_id == endpoint_id)


async def wake(connection: AsyncConnection, tenant_id: str, endpoint_id: str, now: datetime) -> None:
    # LEAST ignores NULL, so an endpoint without work accepts any time.
    await connection.execute(
        update(webhook_due)
        .where(webhook_due.c.tenant_id == tenant_id, webhook_due.c.endpoint_id == endpoint_id)
        .values(due_at=func.least(webhook_due.c.due_at, literal(now)))
    )


def _values(delivery: Delivery) -> dict[str, Any]:
    """Return all columns except `seq` and `tenant_id`."""
    values = {name: getattr(delivery, name) for name in Delivery.__dataclass_fields__ if name != "seq"}
    return values | {"type": delivery.type.value, "state": delivery.state.value}


def _delivery_of(row: RowMapping) -> Delivery:
    values = {name: row[name] for name in Delivery.__dataclass_fields__}
    return Delivery(**values | {"type": EventType(row["type"]), "state": DeliveryState(row["state"])})
