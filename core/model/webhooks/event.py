"""Events for a tenant's programs, their text form, and the delivery of one event to one endpoint."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from core.model.shared.retry_delays import RetryDelays


class EventType(StrEnum):
    """Programs can subscribe to all but the last one, which is sent only on request."""

    SEND_SUCCEEDED = "send.succeeded"
    """The work order is in Spectrum and its number is on the job"""
    SEND_FAILED = "send.failed"
    """A person has to do something about the send"""
    SEND_IN_DOUBT = "send.in_doubt"
    """A line may have been posted or not"""
    CONNECTION_HELD = "connection.held"
    """All sends of a connection wait"""
    TEST = "endpoint.test"
    """A test, sent on request only"""


SUBSCRIBABLE = tuple(kind for kind in EventType if kind is not EventType.TEST)
_UNWANTED = re.compile("[\x00\ud800-\udfff]")
"""Characters from other systems' answers that many JSON parsers and databases refuse."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """`body` is exactly what is posted and signed; `id` is the same for every try and every endpoint."""

    id: str
    type: EventType
    at: datetime
    body: str


def trial_event(event_id: str, at: datetime, endpoint_id: str) -> Event:
    """A test event, to see whether it arrives."""
    return event_of(event_id, EventType.TEST, at, {"endpoint_id": endpoint_id})


def event_of(event_id: str, kind: EventType, at: datetime, data: dict[str, Any]) -> Event:
    """An event with `data` in its body. Characters that many JSON parsers refuse are replaced."""
    content = {"type": kind.value, "timestamp": moment(at), "data": _plain(data)}
    return Event(id=event_id, type=kind, at=at, body=json.dumps(content, separators=(",", ":")))


def moment(at: datetime) -> str:
    """ISO 8601 in UTC, ending in Z."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _plain(value: Any) -> Any:
    match value:
        case str():
            return _UNWANTED.sub("\N{REPLACEMENT CHARACTER}", value)
        case dict():
            return {name: _plain(inner) for name, inner in value.items()}
        case list():
            return [_plain(inner) for inner in value]
    return value


DELAYS = RetryDelays((5, 300, 1800, 7200, 18_000, 36_000, 50_400))
"""After 5 seconds, 5 and 30 minutes, 2, 5, 10 and 14 hours: 8 tries in a day and a half."""


class DeliveryState(StrEnum):
    """What became of an event for one endpoint."""

    PENDING = "pending"
    """It is tried, now or again"""
    DELIVERED = "delivered"
    """The receiver accepted it"""
    FAILED = "failed"
    """The receiver did not accept it, and it is not tried any more"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """`status` is the last answer's HTTP status, if any; `detail` describes it. `due_at` is the next try, if any.
    `redelivered_at` is when somebody last asked to deliver the event again; `tries` counts from then on."""

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
    redelivered_at: datetime | None = None

    def again(self, now: datetime) -> Delivery:
        """The same event, to be posted once more from the beginning."""
        return replace(self, state=DeliveryState.PENDING, tries=0, due_at=now, redelivered_at=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveriesAgain:
    """Which deliveries of an endpoint to make again: of one event, or of all events from `since` on and before `until`.
    Test events belong to neither, and no delivery that was not tried yet: it comes by itself."""

    event_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    only_failed: bool = False

    def chooses(self, delivery: Delivery) -> bool:
        untried = delivery.state is DeliveryState.PENDING and delivery.tries == 0
        return (
            not untried
            and delivery.type is not EventType.TEST
            and self.event_id in (None, delivery.event_id)
            and (self.since is None or delivery.created_at >= self.since)
            and (self.until is None or delivery.created_at < self.until)
            and (not self.only_failed or delivery.state is DeliveryState.FAILED)
        )


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
