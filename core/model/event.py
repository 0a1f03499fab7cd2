"""Events: what programs of a tenant hear of, and how it is written down for them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from core.model.connection import Hold
from core.model.send import Send


class EventType(StrEnum):
    """All but the last can be subscribed to; that one is sent on request only."""

    SEND_SUCCEEDED = "send.succeeded"
    SEND_FAILED = "send.failed"
    SEND_IN_DOUBT = "send.in_doubt"
    CONNECTION_HELD = "connection.held"
    TEST = "endpoint.test"


SUBSCRIBABLE = tuple(kind for kind in EventType if kind is not EventType.TEST)
_UNWANTED = re.compile("[\x00\ud800-\udfff]")
"""Comes in answers of other systems, and many a receiver's JSON parser or database breaks on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """`body` is what is posted and signed, to the letter; `id` stays the same for every try and every endpoint."""

    id: str
    type: EventType
    at: datetime
    body: str


def send_event(
    event_id: str, kind: EventType, at: datetime, send: Send, connection: str, hold: Hold | None = None
) -> Event:
    """What became of a send; `connection` is its connection's slug, `hold` what that is held for now."""
    data: dict[str, Any] = {
        "send_id": send.id,
        "state": send.state.value,
        "connection": connection,
        "job_id": send.job_id,
        "job_number": send.job_number,
        "work_order_number": send.work_order_number,
        "requested_at": _moment(send.requested_at),
        "requested_by": send.requested_by,
        "findings": [
            {"code": found.code, "severity": found.severity.value, "message": found.message} for found in send.findings
        ],
    }
    if hold:
        data["hold"] = {
            "code": hold.finding.code,
            "message": hold.finding.message,
            "since": _moment(hold.since),
            "until": _moment(hold.until) if hold.until else None,
        }
    return _event(event_id, kind, at, data)


def trial_event(event_id: str, at: datetime, endpoint_id: str) -> Event:
    """One without meaning, to see whether it arrives."""
    return _event(event_id, EventType.TEST, at, {"endpoint_id": endpoint_id})


def _event(event_id: str, kind: EventType, at: datetime, data: dict[str, Any]) -> Event:
    content = {"type": kind.value, "timestamp": _moment(at), "data": _plain(data)}
    return Event(id=event_id, type=kind, at=at, body=json.dumps(content, separators=(",", ":")))


def _moment(at: datetime) -> str:
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
