"""The event that reports a send's outcome to a tenant's programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.model.connections.connection import Hold
from core.model.sending.send import Send
from core.model.webhooks.event import Event, EventType, event_of, moment


def send_event(
    event_id: str, kind: EventType, at: datetime, send: Send, connection: str, hold: Hold | None = None
) -> Event:
    """The event of a send. `connection` is its connection's slug, `hold` that connection's present hold."""
    data: dict[str, Any] = {
        "send_id": send.id,
        "state": send.state.value,
        "connection": connection,
        "job_id": send.job_id,
        "job_number": send.job_number,
        "work_order_number": send.work_order_number,
        "requested_at": moment(send.requested_at),
        "requested_by": send.requested_by,
        "findings": [
            {"code": found.code, "severity": found.severity.value, "message": found.message} for found in send.findings
        ],
    }
    if hold:
        data["hold"] = {
            "code": hold.finding.code,
            "message": hold.finding.message,
            "since": moment(hold.since),
            "until": moment(hold.until) if hold.until else None,
        }
    return event_of(event_id, kind, at, data)
