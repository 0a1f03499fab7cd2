"""The events posted to webhook endpoints, for the OpenAPI document. `send_event` in the core writes them."""

from __future__ import annotations

from typing import Literal

from adapters.inbound.schema.schema_base import Moment, Output
from adapters.inbound.schema.sending.progress import ProgressOut
from core.model.sending.send import SendState
from core.model.shared.finding import Severity
from core.model.webhooks.event import EventType


class EventFinding(Output):
    code: str
    severity: Severity
    message: str


class EventHold(Output):
    """`until` is null if a person has to resume the connection."""

    code: str
    message: str
    since: Moment
    until: Moment | None


class SendEventData(Output):
    """The outcome of a send. `connection` is its connection's short name. `progress` is as in `GET .../sends/{send_id}`
    at that moment."""

    send_id: str
    state: SendState
    connection: str
    job_id: str
    job_number: str | None
    work_order_number: str | None
    requested_at: Moment
    requested_by: str
    progress: ProgressOut
    findings: list[EventFinding]


class HoldEventData(SendEventData):
    """The send that caused the hold, and why the connection is held."""

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
    EventType.SEND_SUCCEEDED: ("The work order is in Spectrum and its number is on the job.", SendEvent),
    EventType.SEND_FAILED: ("The send needs a person's attention.", SendEvent),
    EventType.SEND_IN_DOUBT: ("A line may have been posted or not; a person, or evidence, has to decide.", SendEvent),
    EventType.CONNECTION_HELD: ("Jobferry cannot write to Spectrum, and all sends of the connection wait.", HoldEvent),
    EventType.TEST: ("Requested by `POST .../webhook-endpoints/{endpoint_id}/test`.", TrialEvent),
}
"""When each is posted, and its shape."""
