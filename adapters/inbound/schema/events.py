"""What is posted to webhook endpoints, as the OpenAPI document describes it. `send_event` in the core writes it."""

from __future__ import annotations

from typing import Literal

from adapters.inbound.schema.schema_base import Moment, Output
from core.model.sending.send import SendState
from core.model.shared.finding import Severity
from core.model.webhooks.event import EventType


class EventFinding(Output):
    code: str
    severity: Severity
    message: str


class EventHold(Output):
    """`until` is null where a person has to resume the connection."""

    code: str
    message: str
    since: Moment
    until: Moment | None


class SendEventData(Output):
    """What became of a send; `connection` is its connection's slug."""

    send_id: str
    state: SendState
    connection: str
    job_id: str
    job_number: str | None
    work_order_number: str | None
    requested_at: Moment
    requested_by: str
    findings: list[EventFinding]


class HoldEventData(SendEventData):
    """The send that met with it, and what the connection is held for."""

    hold: EventHold


class TrialEventData(Output):
    endpoint_id: str


class SendEvent(Output):
    type: Literal[EventType.SEND_SUCCEEDED, EventType.SEND_FAILED, EventType.SEND_IN_DOUBT]
    timestamp: Moment
    data: SendEventData


class HoldEvent(Output):
    type: Literal[EventType.CONNECTION_HELD]
    timestamp: Moment
    data: HoldEventData


class TrialEvent(Output):
    type: Literal[EventType.TEST]
    timestamp: Moment
    data: TrialEventData


EVENTS: dict[EventType, tuple[str, type[Output]]] = {
    EventType.SEND_SUCCEEDED: ("The work order stands and its number is on the job.", SendEvent),
    EventType.SEND_FAILED: ("The send needs a person's attention.", SendEvent),
    EventType.SEND_IN_DOUBT: ("Nobody knows whether a line was posted; a person, or evidence, has to say.", SendEvent),
    EventType.CONNECTION_HELD: ("Spectrum cannot be written to, and all sends of the connection wait.", HoldEvent),
    EventType.TEST: ("Asked for by `POST .../webhook-endpoints/{endpoint_id}/test`.", TrialEvent),
}
"""When each is posted, and its shape."""
