"""A delivery: one event for one endpoint."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.model.shared.retry_delays import RetryDelays
from core.model.webhooks.event import Event, EventType

DELAYS = RetryDelays((5, 300, 1800, 7200, 18_000, 36_000, 50_400))
"""After 5 seconds, 5 and 30 minutes, 2, 5, 10 and 14 hours: 8 tries in a day and a half."""


class DeliveryState(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """`status` is the last answer's HTTP status, if any; `detail` describes it. `due_at` is the next try, if any."""

    endpoint_id: str
    event_id: str
    type: EventType
    body: str
    created_at: datetime
    seq: int = 0
    state: DeliveryState = DeliveryState.PENDING
    tries: int = 0
    due_at: datetime | None = None
    last_try_at: datetime | None = None
    status: int | None = None
    detail: str = ""


def delivery_of(event: Event, endpoint_id: str) -> Delivery:
    """The delivery of a new event, due at once."""
    return Delivery(
        endpoint_id=endpoint_id,
        event_id=event.id,
        type=event.type,
        body=event.body,
        created_at=event.at,
        due_at=event.at,
    )
