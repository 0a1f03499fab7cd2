"""The events posted to webhook endpoints, for the OpenAPI document. `send_event` in the core writes them."""

from __future__ import annotations

from typing import Annotated, Literal

from adapters.inbound.schema.schema_base import Moment, Output
from adapters.inbound.schema.sending.progress import ProgressOut
from adapters.inbound.schema.terms import (
    By,
    Code,
    ConnectionName,
    JobIdOut,
    JobNumber,
    SendId,
    Sentence,
    WorkOrderNumber,
    eg,
)
from core.model.sending.send import SendState
from core.model.shared.finding import Severity
from core.model.webhooks.event import EventType


class EventFinding(Output):
    """What is wrong or worth knowing about a send."""

    code: Code
    severity: Severity
    message: Sentence


class EventHold(Output):
    """Why a connection is held."""

    code: Code
    message: Annotated[str, eg("Spectrum does not accept the Authorization ID.")]
    """The same in one sentence for people."""
    since: Moment
    """When the hold began."""
    until: Moment | None
    """When Jobferry tries again by itself. Null: a person has to resume the connection."""


class SendEventData(Output):
    """The outcome of a send."""

    send_id: SendId
    state: SendState
    connection: ConnectionName
    job_id: JobIdOut
    job_number: JobNumber | None
    work_order_number: WorkOrderNumber | None
    """Spectrum's number of the work order. Null if the send ended before it was known."""
    requested_at: Moment
    """When the send was requested."""
    requested_by: By
    progress: ProgressOut
    """What the send has done, as `GET .../sends/{send_id}` told it at that moment."""
    findings: Annotated[list[EventFinding], eg([])]
    """Why it failed, or what to know about it."""


class HoldEventData(SendEventData):
    """The send that caused the hold, and why the connection is held."""

    hold: EventHold
    """Why the connection is held, and since when."""


class TrialEventData(Output):
    """What a test event is about."""

    endpoint_id: Annotated[str, eg("whe_01KJPV4V00EXAMPLE0000000E1")]
    """Id of the webhook endpoint that was tested."""


class SendEvent(Output):
    """A send has ended, or waits for a person."""

    type: Annotated[
        Literal[EventType.SEND_SUCCEEDED, EventType.SEND_FAILED, EventType.SEND_IN_DOUBT], eg("send.succeeded")
    ]
    """Which event it is."""
    timestamp: Moment
    """When it happened. A repeated delivery has the same moment."""
    data: SendEventData
    """The send and its outcome."""


class HoldEvent(Output):
    """A connection is held: its sends wait."""

    type: Literal[EventType.CONNECTION_HELD]
    """Always `connection.held`."""
    timestamp: Moment
    """When the hold began."""
    data: HoldEventData
    """The connection, why it is held, and the send that met the cause."""


class TrialEvent(Output):
    """A test that somebody requested."""

    type: Literal[EventType.TEST]
    """Always `endpoint.test`."""
    timestamp: Moment
    """When the test was requested."""
    data: TrialEventData
    """Which endpoint was tested."""


EVENTS: dict[EventType, tuple[str, type[Output]]] = {
    EventType.SEND_SUCCEEDED: ("The work order is in Spectrum and its number is on the job.", SendEvent),
    EventType.SEND_FAILED: ("The send needs a person's attention.", SendEvent),
    EventType.SEND_IN_DOUBT: ("A line may have been posted or not; a person, or evidence, has to decide.", SendEvent),
    EventType.CONNECTION_HELD: ("Jobferry cannot write to Spectrum, and all sends of the connection wait.", HoldEvent),
    EventType.TEST: ("Somebody has requested a test of the endpoint.", TrialEvent),
}
"""When each is posted, and its shape."""
