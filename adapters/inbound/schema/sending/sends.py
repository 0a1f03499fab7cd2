"""Sends in requests and answers: what was requested, its state, its progress, its attempts; and a job's Send menu."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import AwareDatetime, BeforeValidator, Field, StringConstraints, field_validator
from pydantic_core import PydanticCustomError

from adapters.inbound.schema.findings import FindingOut
from adapters.inbound.schema.schema_base import Input, Items, JobId, Moment, Output, Text
from adapters.inbound.schema.sending.plans import LedgerLineOut, PlanOut
from adapters.inbound.schema.sending.progress import ProgressOut
from adapters.inbound.schema.setting_fields import start_of_day
from core.model.catalogue import advised
from core.model.connections.connection import Connection
from core.model.sending.moment import outcome_of, waits_for_a_person
from core.model.sending.outcome_words import waiting_words
from core.model.sending.progress import Progress
from core.model.sending.send import HeaderState, Send, SendState, Step
from core.model.sending.send_filter import SendFilter
from core.model.shared.advice import Door
from core.model.work_orders.cost_line import ItemsMode, LedgerLine, LineState
from core.services.planning.prepare_send import MenuEntry
from core.services.sending.batches import LARGEST_BATCH
from core.services.sending.list_sends import SendPage
from core.services.sending.read_sends import SendDetails

_ARRIVED = (SendState.SENT, SendState.SENT_WITH_WARNINGS)
_TAKEN_BACK = (SendState.CANCELLED, SendState.SUPERSEDED, SendState.DONE_BY_HAND)


def _states(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return tuple(SendState(word.strip()) for word in value.split(","))
    except ValueError as error:
        raise PydanticCustomError(
            "send_state", "must be one or more of {states}, with commas between", {"states": ", ".join(SendState)}
        ) from error


Since = Annotated[
    AwareDatetime,
    BeforeValidator(start_of_day),
    Field(ge=datetime(2000, 1, 1, tzinfo=UTC), le=datetime(2999, 12, 31, tzinfo=UTC)),
]
"""A moment, or a day, which begins at midnight in UTC."""
PlanHash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class SendIn(Input):
    job_id: JobId
    connection: Text
    items: Items = ItemsMode.NONE
    adopt: bool = False
    plan_hash: PlanHash | None = None


class CompleteIn(Input):
    """Completes the job in ServiceTrade and sends it with the chosen items."""

    connection: Text
    items: Items = ItemsMode.NONE
    adopt: bool = False
    plan_hash: PlanHash | None = None


class BatchIn(Input):
    """One send for each job: all are stored, or none. With `items`, each job must be completed before its send runs."""

    job_ids: list[JobId] = Field(min_length=1, max_length=LARGEST_BATCH)
    connection: Text
    items: Items = ItemsMode.NONE

    @field_validator("job_ids")
    @classmethod
    def _once_each(cls, job_ids: list[str]) -> list[str]:
        if len(set(job_ids)) < len(job_ids):
            raise PydanticCustomError("job_twice", "must name each job once")
        return job_ids


class SendIdsIn(Input):
    """The sends to retry or to cancel."""

    send_ids: list[Text] = Field(min_length=1, max_length=LARGEST_BATCH)


class BatchOut(Output):
    """`states` counts the batch's sends by state. `settled`: no send of it changes by itself any more."""

    id: str
    total: int
    settled: bool
    states: dict[SendState, int]


class MarkDoneIn(Input):
    """`reason` says what was done in Spectrum; the audit keeps it."""

    reason: Annotated[str, StringConstraints(min_length=1, max_length=500)]


class SendsQuery(Input):
    """`state` may name several states: separate them by commas, or repeat the parameter. `cause` is a code, as the
    field `cause` of a send has it. `text` is a whole job number, work order number, or id of a job or a send, or a part
    of a customer's name. `since` and `until` say when it was requested: from `since` on, and before `until`.
    """

    state: Annotated[tuple[SendState, ...], BeforeValidator(_states)] = ()
    job_id: JobId | None = None
    connection: Text | None = None
    batch: Text | None = None
    cause: Text | None = None
    text: Text | None = None
    since: Since | None = None
    until: Since | None = None
    limit: int = Field(default=50, ge=1, le=200)
    cursor: Text | None = None

    @property
    def only(self) -> SendFilter:
        """All but the connection, which is named by its short name."""
        return SendFilter(
            states=self.state,
            job_id=self.job_id,
            batch_id=self.batch,
            cause=self.cause,
            text=self.text,
            since=self.since,
            until=self.until,
        )


class StepState(StrEnum):
    """`skipped`: the send ended before this step, because it was cancelled, replaced or done by hand."""

    DONE = "done"
    DOING = "doing"
    WAITING = "waiting"
    SKIPPED = "skipped"


class StepOut(Output):
    """The step `lines` exists if the send posts items; `posted` of its `total` lines are posted."""

    name: Step
    state: StepState
    posted: int | None = None
    total: int | None = None


class AttemptOut(Output):
    """One try of one step: what went out and what came back, secrets masked."""

    step: Step
    started_at: Moment
    ended_at: Moment | None
    outcome: str
    detail: str
    request: str
    answer: str
    line_id: str | None


class SendSummary(Output):
    """`next_try_at` is set while the send retries by itself. `work_order_number` is the number that the work order has
    or would have: `progress` says whether it is in Spectrum. `job_number` and `customer` are set once the send is
    planned. `cause` is the code of the finding that says why it is not done.
    `waits_for_send` is another send to the same work order; this one continues when it ends.
    """

    id: str
    state: SendState
    progress: ProgressOut
    job_id: str
    job_number: str | None
    customer: str | None
    connection: str
    work_order_number: str | None
    requested_at: Moment
    requested_by: str
    items: ItemsMode
    completes: bool
    batch: str | None
    finished_at: Moment | None
    next_try_at: Moment | None
    waits_for_send: str | None
    cause: str | None
    findings: list[FindingOut]

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
    """`waits_for` says why an open send waits: a pause or a hold of its connection, or another send. `attempts` are the
    newest ones, of which the oldest comes first; with `more_attempts` there are others, which `.../attempts` lists.
    `plan` is null before the send is planned, and once the plan of an old send is deleted.
    """

    steps: list[StepOut]
    attempts: list[AttemptOut]
    more_attempts: bool
    lines: list[LedgerLineOut]
    plan: PlanOut | None
    waits_for: str | None

    @classmethod
    def of_details(cls, details: SendDetails) -> Self:
        send, connection = details.send, details.connection
        return cls.of_send(
            send,
            connection.slug,
            connection.name,
            details.progress,
            held=waits_for_a_person(connection),
            steps=_steps(send, details.lines),
            lines=[LedgerLineOut.of(line) for line in details.lines],
            attempts=details.attempts,
            more_attempts=details.more_attempts,
            plan=PlanOut.of(send.plan) if send.plan else None,
            waits_for=None if send.state.settled else _waits_for(send, connection),
        )


def _steps(send: Send, lines: Sequence[LedgerLine] = ()) -> list[StepOut]:
    """The steps of a send. A failed send goes straight to its report, so a step is done only if there is evidence."""
    told = (*_ARRIVED, SendState.NEEDS_ATTENTION, SendState.IN_DOUBT)
    posted = sum(line.state is LineState.POSTED for line in lines)
    done = {
        Step.PLAN: send.plan_id is not None and send.begun,
        Step.HEADER: send.header is HeaderState.STANDS and send.step not in (Step.PLAN, Step.HEADER),
        Step.WRITE_BACK: send.number_written and send.step not in (Step.PLAN, Step.HEADER, Step.WRITE_BACK),
    }
    if lines or (send.plan and send.plan.lines):
        done[Step.LINES] = bool(lines) and posted == len(lines)
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
    """The job's work order. `number` is null until Spectrum may have accepted it."""

    number: str | None
    sent_at: Moment | None


class MenuEntryOut(Output):
    """`disabled` says why an entry cannot be used. `notice` says what sends will wait for."""

    connection: str
    label: str
    preselected: bool
    disabled: str | None
    notice: str | None
    work_order: WorkOrderOut | None
    last_send: SendSummary | None

    @classmethod
    def of(cls, entry: MenuEntry, *, preselected: bool) -> Self:
        last, progress = entry.last_send, entry.progress
        last_send = SendSummary.of_send(last, entry.connection, entry.name, progress) if last and progress else None
        return super().of(entry, preselected=preselected, work_order=entry.record, last_send=last_send)
