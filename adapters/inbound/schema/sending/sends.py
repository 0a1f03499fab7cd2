"""Sends in requests and answers: what was requested, its state, its progress, its attempts; and a job's Send menu."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import Annotated, Any, Self

from adapters.inbound.schema.findings import FindingOut
from adapters.inbound.schema.schema_base import Moment, Output
from adapters.inbound.schema.sending.plans import LedgerLineOut, PlanOut
from adapters.inbound.schema.sending.progress import ProgressOut
from adapters.inbound.schema.sending.send_requests import Include
from adapters.inbound.schema.terms import (
    BatchId,
    ConnectionName,
    CustomerName,
    JobIdOut,
    JobNumber,
    LineId,
    SendId,
    WorkOrderNumber,
    eg,
)
from core.model.catalogue import advised
from core.model.connections.connection import Connection
from core.model.sending.moment import outcome_of, waits_for_a_person
from core.model.sending.outcome_words import waiting_words
from core.model.sending.progress import AnnotationProgress, Progress
from core.model.sending.send import HeaderState, Send, SendState, Step
from core.model.shared.advice import Door
from core.model.work_orders.annotation import AnnotationKind, AnnotationState
from core.model.work_orders.cost_line import ItemsMode, LedgerLine, LineState
from core.model.work_orders.job_service import TasksMode
from core.services.planning.prepare_send import MenuEntry
from core.services.sending.list_sends import SendPage
from core.services.sending.read_sends import SendDetails

_ARRIVED = (SendState.SENT, SendState.SENT_WITH_WARNINGS)
_TAKEN_BACK = (SendState.CANCELLED, SendState.SUPERSEDED, SendState.DONE_BY_HAND)


class BatchOut(Output):
    """The progress of many sends that were requested together."""

    id: BatchId
    total: Annotated[int, eg(2)]
    """How many sends it has."""
    settled: bool
    """Whether no send of it changes by itself any more."""
    states: Annotated[dict[SendState, int], eg({"queued": 1, "sent": 1})]
    """How many of its sends are in each state. States without sends are left out."""


class StepState(StrEnum):
    """How far one step of a send is."""

    DONE = "done"
    """Done"""
    DOING = "doing"
    """Under way, or next"""
    WAITING = "waiting"
    """Not begun"""
    SKIPPED = "skipped"
    """Not done any more: the send ended before this step, because it was cancelled, replaced or done by hand"""


class StepOut(Output):
    """One step of a send."""

    name: Step
    """Which step it is. `lines` exists only if the send posts items, `annotate` only if it writes notes."""
    state: StepState
    """How far it is."""
    posted: Annotated[int, eg(None)] | None = None
    """How many lines are posted. Null for other steps than `lines`."""
    total: Annotated[int, eg(None)] | None = None
    """How many lines there are. Null for other steps than `lines`."""


class AttemptOut(Output):
    """One try of one step: what went out and what came back."""

    step: Step
    """The step that was tried."""
    started_at: Moment
    """When it began."""
    ended_at: Moment | None
    """When it ended. Null: it is under way, or its worker died."""
    outcome: Annotated[str, eg("accepted")]
    """What became of it: `accepted`, `refused`, `not_sent` (it cannot have reached the other system) or `unknown`."""
    detail: Annotated[str, eg("")]
    """More about the outcome, in words. '' if there is nothing to say."""
    request: Annotated[str, eg("<soap:Envelope>...</soap:Envelope>")]
    """What was sent, secrets masked."""
    answer: Annotated[str, eg("<soap:Envelope>...</soap:Envelope>")]
    """What came back, secrets masked."""
    line_id: Annotated[LineId, eg(None)] | None
    """The cost line that it was about. Null for other steps than `lines`."""


class WrittenAnnotationOut(Output):
    """A note, a marker or a document of a send, and how far it is."""

    kind: AnnotationKind
    """What it is."""
    place: Annotated[str, eg("JOBFERRY")]
    """The note topic, the user-defined field, or the id of the attachment in ServiceTrade."""
    text: Annotated[str, eg("Replace the check valve on riser 2, flush the line, and retest all zones.")]
    """The text as this send writes it, or the document's name."""
    state: AnnotationState
    """How far it is."""
    reference: Annotated[str, eg(None)] | None
    """The id under which Spectrum keeps the document. Null: it is no document, or Spectrum has told no id."""

    @classmethod
    def of_progress(cls, one: AnnotationProgress, send: Send) -> Self:
        written = one.annotation
        return cls(
            kind=written.kind,
            place=written.place,
            text=written.text_of(send.id),
            state=one.state,
            reference=one.reference or None,
        )


class SendSummary(Output):
    """A send: one request to send one job on one connection, and how it stands."""

    id: SendId
    state: SendState
    progress: ProgressOut
    """What the send has done, whatever its state."""
    job_id: JobIdOut
    job_number: JobNumber | None
    """The job number that people see in ServiceTrade. Null until the send is planned."""
    customer: CustomerName | None
    """The customer's name in ServiceTrade. Null until the send is planned."""
    connection: ConnectionName
    work_order_number: WorkOrderNumber | None
    """The number that the work order has or would have: `progress` says whether it is in Spectrum. Null until the send
    is planned."""
    requested_at: Moment
    """When the send was requested."""
    requested_by: Annotated[str, eg("key:billing export")]
    """Who requested it: `key:NAME`, `operator:NAME`, a person's e-mail address, or `completion` for a send that
    Jobferry began because the job was completed."""
    items: ItemsMode
    """Which items were asked for."""
    tasks: TasksMode
    """Which services were asked for as work order tasks: only a connection that sends tasks adds any."""
    completes: bool
    """Whether it completes the job in ServiceTrade first."""
    batch: Annotated[BatchId, eg(None)] | None
    """The batch that it belongs to. Null: none."""
    finished_at: Moment | None
    """When it ended. Null: it has not, or it waits for a person."""
    next_try_at: Annotated[Moment, eg(None)] | None
    """When Jobferry tries again. Null: it does not by itself."""
    waits_for_send: Annotated[SendId, eg(None)] | None
    """Another send to the same work order: this one continues when that ends. Null: it waits for none."""
    cause: Annotated[str, eg(None)] | None
    """Code of the finding that says why it is not done. Null: it is done, or under way."""
    findings: Annotated[list[FindingOut], eg([])]
    """What is wrong or worth knowing, with what to do in its present state."""

    @classmethod
    def of_send(
        cls, send: Send, connection: str, name: str, progress: Progress, *, held: bool = False, **given: Any
    ) -> Self:
        """`connection` is the connection's slug, `name` its name. `held`: it waits until somebody resumes it."""
        return super().of(
            send,
            connection=connection,
            progress=ProgressOut.of_send(send, progress, name),
            batch=send.batch_id,
            next_try_at=send.due_at if send.state is SendState.RETRYING else None,
            waits_for_send=send.waits_for,
            cause=send.cause.code if send.cause else None,
            findings=[advised(found, outcome_of(found, send.state, held=held), Door.API) for found in send.findings],
            **given,
        )

    @classmethod
    def of_page(cls, page: SendPage, send: Send) -> Self:
        of = send.connection_id
        return cls.of_send(send, page.slugs[of], page.names[of], page.progress[send.id])


class SendOut(SendSummary):
    """A send with its steps, attempts, lines and plan."""

    steps: list[StepOut]
    """The steps in their order."""
    attempts: list[AttemptOut] | None
    """The newest attempts, of which the oldest comes first. Null if `include` does not name them."""
    more_attempts: bool
    """Whether there are older attempts, which `GET .../sends/{send_id}/attempts` lists."""
    lines: Annotated[list[LedgerLineOut], eg([])] | None
    """Its cost lines. Empty if it posts no items. Null if `include` does not name them."""
    annotations: Annotated[list[WrittenAnnotationOut], eg([])]
    """Its note, marker and documents. Empty unless the connection switches them on."""
    plan: PlanOut | None
    """What it writes. Null before it is planned, once the plan of an old send is deleted, and if `include` does not
    name it."""
    waits_for: Annotated[str, eg(None)] | None
    """Why an open send waits, in words: a pause or a hold of its connection, or another send. Null: it does not wait.
    """

    @classmethod
    def of_details(cls, details: SendDetails, include: Collection[Include] = tuple(Include)) -> Self:
        send, connection = details.send, details.connection
        return cls.of_send(
            send,
            connection.slug,
            connection.name,
            details.progress,
            held=waits_for_a_person(connection),
            steps=_steps(send, details.lines),
            lines=[LedgerLineOut.of(line) for line in details.lines] if Include.LINES in include else None,
            attempts=details.attempts if Include.ATTEMPTS in include else None,
            more_attempts=details.more_attempts,
            annotations=[WrittenAnnotationOut.of_progress(one, send) for one in details.annotations],
            plan=PlanOut.of(send.plan) if send.plan and Include.PLAN in include else None,
            waits_for=None if send.state.settled else _waits_for(send, connection),
        )


def _steps(send: Send, lines: Sequence[LedgerLine] = ()) -> list[StepOut]:
    """The steps of a send. A failed send goes straight to its report, so a step is done only if there is evidence."""
    told = (*_ARRIVED, SendState.NEEDS_ATTENTION, SendState.IN_DOUBT)
    arrived = send.state in (SendState.SENDING, SendState.RETRYING, SendState.SENT, SendState.SENT_WITH_WARNINGS)
    posted = sum(line.state is LineState.POSTED for line in lines)
    done = {
        Step.PLAN: send.plan_id is not None and send.begun,
        Step.HEADER: send.header is HeaderState.STANDS and send.step not in (Step.PLAN, Step.HEADER),
        Step.WRITE_BACK: send.number_written and send.step not in (Step.PLAN, Step.HEADER, Step.WRITE_BACK),
    }
    if lines or (send.plan and send.plan.lines):
        done[Step.LINES] = bool(lines) and posted == len(lines)
    if send.plan and any(one.due for one in send.plan.annotations):
        done[Step.ANNOTATE] = send.header is HeaderState.STANDS and send.step in (Step.REPORT, Step.DONE) and arrived
    done[Step.REPORT] = send.step in (Step.DONE, Step.EVIDENCE) and send.state in told
    counts = {Step.LINES: {"posted": posted, "total": len(lines)}}
    return [
        StepOut(name=step, state=_step_state(send, step, done=is_done), **counts.get(step, {}))
        for step, is_done in done.items()
    ]


def _step_state(send: Send, step: Step, *, done: bool) -> StepState:
    if done:
        return StepState.DONE
    if send.state in _TAKEN_BACK:
        return StepState.SKIPPED
    under_way = send.state is not SendState.QUEUED and send.due_at is not None
    return StepState.DOING if step is send.step and under_way else StepState.WAITING


def _waits_for(send: Send, connection: Connection) -> str | None:
    if connection.paused:
        return f"The connection {connection.name} is paused."
    if connection.hold:
        return connection.hold.finding.message
    return waiting_words(send)


class WorkOrderOut(Output):
    """The work order of a job."""

    number: WorkOrderNumber | None
    """Spectrum's number of it. Null until Spectrum may have accepted it."""
    sent_at: Moment | None
    """When the job was last sent. Null: never."""


class MenuEntryOut(Output):
    """One entry of a job's Send menu: a connection that the job can be sent on."""

    connection: ConnectionName
    label: Annotated[str, eg("Send Job to Spectrum")]
    """What people read in the menu."""
    preselected: Annotated[bool, eg(True)]
    """Whether it is chosen when the menu opens."""
    disabled: Annotated[str, eg(None)] | None
    """Why it cannot be used, in words. Null: it can."""
    notice: Annotated[str, eg(None)] | None
    """What a send would wait for, such as a pause. Null: nothing."""
    work_order: WorkOrderOut | None
    """The job's work order there. Null: it was not sent on this connection."""
    last_send: SendSummary | None
    """The job's last send on this connection. Null: it was not sent."""

    @classmethod
    def of(cls, entry: MenuEntry, *, preselected: bool) -> Self:
        last, progress = entry.last_send, entry.progress
        last_send = SendSummary.of_send(last, entry.connection, entry.name, progress) if last and progress else None
        return super().of(entry, preselected=preselected, work_order=entry.record, last_send=last_send)
