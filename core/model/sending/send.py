"""A send: one request to send one job on one connection, with its state from the request to the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.model.connections.connection import Connection
from core.model.mappings.job_record import JobRecord, need_key
from core.model.planning.plan import SendPlan
from core.model.shared.finding import Finding
from core.model.work_orders.cost_line import ItemsMode
from core.model.work_orders.job_service import TasksMode

COMPLETION = "completion"
"""`requested_by` of a send that was triggered by the completion of its job."""


class SendState(StrEnum):
    """How a send stands."""

    QUEUED = "queued"
    """Stored, and not begun"""
    SENDING = "sending"
    """Under way"""
    RETRYING = "retrying"
    """Jobferry tries again by itself, at `next_try_at`"""
    IN_DOUBT = "in_doubt"
    """A cost line may be in Spectrum or not: it waits for a person or for evidence"""
    NEEDS_ATTENTION = "needs_attention"
    """It failed: a person has to fix the cause and retry it"""
    SENT = "sent"
    """The work order is in Spectrum and its number on the job"""
    SENT_WITH_WARNINGS = "sent_with_warnings"
    """The same, with something to know"""
    DONE_BY_HAND = "done_by_hand"
    """A person says that it was done in Spectrum"""
    SUPERSEDED = "superseded"
    """A newer send of the job took its place before it had written anything"""
    CANCELLED = "cancelled"
    """Cancelled before it had written anything"""

    @property
    def settled(self) -> bool:
        """No further write to Spectrum happens by itself."""
        return self not in _OPEN

    @property
    def finished(self) -> bool:
        """The send has ended: nothing is left to do, for Jobferry or for people."""
        return self in _FINISHED


_OPEN = frozenset({SendState.QUEUED, SendState.SENDING, SendState.RETRYING})
_FINISHED = frozenset(
    {
        SendState.SENT,
        SendState.SENT_WITH_WARNINGS,
        SendState.DONE_BY_HAND,
        SendState.SUPERSEDED,
        SendState.CANCELLED,
    }
)
WITH_CAUSE = (SendState.NEEDS_ATTENTION, SendState.IN_DOUBT, SendState.RETRYING)
"""The states of sends that are not done for a cause."""


class HeaderState(StrEnum):
    """What this send has done to the work order's header."""

    NONE = "none"
    """Spectrum cannot have it."""
    BEGUN = "begun"
    """A write left, or may have left; its outcome is unknown."""
    STANDS = "stands"
    """Spectrum accepted it."""


class Step(StrEnum):
    """The next step of a send. Each may be repeated after a crash without a second effect.

    `evidence` comes after the report of a doubt, and only if a plugin reads cost lines in Spectrum.
    """

    PLAN = "plan"
    """Reads the job and works out what to write"""
    HEADER = "header"
    """Writes the work order to Spectrum"""
    WRITE_BACK = "write_back"
    """Writes the work order's number to the job in ServiceTrade"""
    LINES = "lines"
    """Posts the items"""
    ANNOTATE = "annotate"
    """Writes the note, the marker and the documents of the work order to Spectrum"""
    REPORT = "report"
    """Tells the outcome in ServiceTrade"""
    EVIDENCE = "evidence"
    """Reads cost lines in Spectrum, to settle a doubt"""
    DONE = "done"
    """Nothing is left to do"""


CALLS_SPECTRUM = frozenset({Step.PLAN, Step.HEADER, Step.LINES, Step.ANNOTATE})
"""Steps with which a call to Spectrum follows: planning goes on to the header at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """One row of the journal. `seq` orders the sends of a connection; `due_at` is None if nothing is left to do.

    `attempts` counts the failed tries of the present step, `waits` the waits for ServiceTrade; such a wait, or a held
    connection, uses up no attempts. `version` is that of the stored row: saving an outdated one fails, so a retry or a
    cancellation is never overwritten. A send with `completes` completes the job in ServiceTrade before it writes.

    `plan_id` names the stored plan, which is written once. `header` and `number_written` record whether Spectrum
    accepted the header, and whether the number is on the job. `waits_for` is the send that must end first, because it
    posts to the same work order. `job_number` and `customer` (its name) are
    those of the job as it was planned last, None before.
    """

    id: str
    tenant_id: str
    connection_id: str
    job_id: str
    requested_at: datetime
    requested_by: str
    seq: int = 0
    state: SendState = SendState.QUEUED
    step: Step = Step.PLAN
    due_at: datetime | None = None
    attempts: int = 0
    waits: int = 0
    adopt: bool = False
    expected_hash: str | None = None
    items: ItemsMode = ItemsMode.NONE
    tasks: TasksMode = TasksMode.NEW_ONLY
    completes: bool = False
    plan: SendPlan | None = None
    work_order_number: str | None = None
    findings: tuple[Finding, ...] = ()
    finished_at: datetime | None = None
    version: int = 0
    batch_id: str | None = None
    plan_id: str | None = None
    header: HeaderState = HeaderState.NONE
    number_written: bool = False
    waits_for: str | None = None
    job_number: str | None = None
    customer: str | None = None

    @property
    def cause(self) -> Finding | None:
        """Why it is not done. None in other states than WITH_CAUSE: what an earlier try found says nothing of them."""
        return cause_of(self.findings) if self.state in WITH_CAUSE else None

    def warning(self, warning_id: str, raised_at: datetime) -> DashboardWarning:
        """The dashboard's warning about this send while it is failed or waits."""
        return DashboardWarning(
            id=warning_id,
            tenant_id=self.tenant_id,
            connection_id=self.connection_id,
            job_id=self.job_id,
            send_id=self.id,
            finding=cause_of(self.findings) or self.findings[0],
            raised_at=raised_at,
            job_number=self.job_number,
            work_order_number=self.work_order_number,
            needs=self.codes_needed,
        )

    @property
    def codes_needed(self) -> tuple[JobRecord, ...]:
        """The records whose codes are all that the failed send needs; empty if something else blocks it, too."""
        return self.plan.codes_needed(self.findings) if self.plan else ()

    @property
    def codes_in_question(self) -> tuple[JobRecord, ...]:
        """The records whose code is missing or was refused, whatever else is wrong."""
        return self.plan.codes_in_question(self.findings) if self.plan else ()

    @property
    def failed_before(self) -> bool:
        """Whether it is queued again after a failure whose warning and comment are still there."""
        return self.state is SendState.QUEUED and any(f.blocks for f in self.findings)

    @property
    def by_itself(self) -> bool:
        """Whether Jobferry itself requested it, not a person or a program."""
        return self.requested_by == COMPLETION

    @property
    def begun(self) -> bool:
        """Whether a write may have reached Spectrum under the stored plan."""
        return self.step is not Step.PLAN


def cause_of(findings: Sequence[Finding]) -> Finding | None:
    """Why a send is not done: the first of its findings that blocks, else the first."""
    return next((found for found in findings if found.blocks), findings[0] if findings else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try of one step, kept as evidence: the request and the answer, secrets masked. `seq` orders the attempts of
    a send; it is 0 before the attempt is stored."""

    send_id: str
    step: Step
    started_at: datetime
    ended_at: datetime | None = None
    outcome: str = ""
    detail: str = ""
    request: str = ""
    answer: str = ""
    line_id: str | None = None
    seq: int = 0


class Topic(StrEnum):
    """What a warning is about. There is at most one open warning for each connection, job and topic."""

    SEND = ""
    POLL = "poll"
    """The list of completed jobs, or a job of it, cannot be read. The warning ends once it can."""
    RECORD = "record"
    """That list had a record without an id, which cannot be looked up. Stays until a person dismisses it."""
    SECRET = "secret"  # noqa: S105 - a word
    RESTORE = "restore"
    NOTE = "note"
    """Spectrum does not take the notes of this connection. The warning ends once it does."""
    DOCUMENTS = "documents"
    """The same for documents."""
    MARKER = "marker"
    """The same for the marker of a send."""
    NEW_RECORD = "new_record"
    """With the id of a new site or customer behind it, which was not made. The warning ends once somebody confirms it
    anew, says that it is there, or gives it up."""
    LATE = "late"
    """An answer of Spectrum came after a person's decision and contradicts it. Stays until a person dismisses it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DashboardWarning:
    """A line of the dashboard: a failed or waiting send, with cause and fix. The job's next success clears it.

    For a whole connection, `job_id` and `send_id` are empty. For a job without a send, only `send_id` is empty. `needs`
    are the records whose codes are all that the send needs; empty if it needs anything else.
    `outcome` says in words how far the send has come. It is not stored, because the send may go on: whoever lists
    warnings fills it in.
    """

    id: str
    tenant_id: str
    connection_id: str
    job_id: str
    send_id: str
    finding: Finding
    raised_at: datetime
    job_number: str | None = None
    work_order_number: str | None = None
    topic: str = Topic.SEND
    needs: tuple[JobRecord, ...] = ()
    outcome: str = ""

    @property
    def need_key(self) -> str:
        return need_key(self.needs)

    @classmethod
    def of_connection(
        cls,
        connection: Connection,
        warning_id: str,
        found: Finding,
        raised_at: datetime,
        topic: str,
        job_id: str = "",
    ) -> DashboardWarning:
        """A warning about a connection or, with `job_id`, about one of its jobs."""
        return cls(
            id=warning_id,
            tenant_id=connection.tenant_id,
            connection_id=connection.id,
            job_id=job_id,
            send_id="",
            finding=found,
            raised_at=raised_at,
            topic=topic,
        )


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write to one connection, until another drain raises the epoch."""

    tenant_id: str
    connection_id: str
    epoch: int
