"""Events for a tenant's programs, and their text form."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any


class EventType(StrEnum):
    """Programs can subscribe to all but the last one, which is sent only on request."""

    SEND_SUCCEEDED = "send.succeeded"
    SEND_FAILED = "send.failed"
    SEND_IN_DOUBT = "send.in_doubt"
    CONNECTION_HELD = "connection.held"
    TEST = "endpoint.test"


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
