"""A send: one request to carry one job to one connection, from the first click to its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.model.cost_line import ItemsMode
from core.model.finding import Finding
from core.model.plan import SendPlan

COMPLETION = "completion"
"""Who asks for a send that the completion of its job set off."""


class SendState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    RETRYING = "retrying"
    IN_DOUBT = "in_doubt"
    NEEDS_ATTENTION = "needs_attention"
    SENT = "sent"
    SENT_WITH_WARNINGS = "sent_with_warnings"
    DONE_BY_HAND = "done_by_hand"
    SUPERSEDED = "superseded"
    CANCELLED = "cancelled"

    @property
    def settled(self) -> bool:
        """No further write to Spectrum happens by itself."""
        return self not in _OPEN


_OPEN = frozenset({SendState.QUEUED, SendState.SENDING, SendState.RETRYING})


class Step(StrEnum):
    """The next thing to do. Each may be taken up again after a crash without a second effect.

    `evidence` comes after the report of a doubt, and only where cost lines can be read back.
    """

    PLAN = "plan"
    HEADER = "header"
    WRITE_BACK = "write_back"
    LINES = "lines"
    REPORT = "report"
    EVIDENCE = "evidence"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """One row of the journal. `seq` orders the sends of a connection; `due_at` is None when nothing is left to do.

    `attempts` counts the tries of the present step that failed, `waits` how often ServiceTrade had to be waited for;
    neither that nor a held connection uses up attempts. `version` is
    the stored row's: saving an outdated one fails, so a retry or a cancellation is never overwritten. `completes`
    sends complete the job in ServiceTrade before anything is written.
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
    completes: bool = False
    plan: SendPlan | None = None
    work_order_number: str | None = None
    findings: tuple[Finding, ...] = ()
    finished_at: datetime | None = None
    version: int = 0
    batch_id: str | None = None

    @property
    def job_number(self) -> str | None:
        """The number people know the job by, once it has been read."""
        return self.plan.job_number if self.plan else None

    def warning(self, warning_id: str, raised_at: datetime) -> Warning:
        """What the dashboard says about this send while it is failed or waits."""
        return Warning(
            id=warning_id,
            tenant_id=self.tenant_id,
            connection_id=self.connection_id,
            job_id=self.job_id,
            send_id=self.id,
            finding=next((f for f in self.findings if f.blocks), self.findings[0]),
            raised_at=raised_at,
            job_number=self.job_number,
            work_order_number=self.work_order_number,
        )

    @property
    def failed_before(self) -> bool:
        """Queued again after a failure whose signs (warning, comment) still stand."""
        return self.state is SendState.QUEUED and any(f.blocks for f in self.findings)

    def covers(self, older: Send) -> bool:
        """Whether this send carries all that an older one of the same job was to carry."""
        if older.items is ItemsMode.NONE:
            return True
        return self.items is not ItemsMode.NONE and (
            older.items is not ItemsMode.AGAIN or self.items is ItemsMode.AGAIN
        )

    @property
    def by_itself(self) -> bool:
        """Whether no person and no program asked for it."""
        return self.requested_by == COMPLETION

    @property
    def begun(self) -> bool:
        """Whether a write may have reached Spectrum under the stored plan."""
        return self.step is not Step.PLAN


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try of one step, kept as evidence: what went out and what came back, secrets masked."""

    send_id: str
    step: Step
    started_at: datetime
    ended_at: datetime | None = None
    outcome: str = ""
    detail: str = ""
    request: str = ""
    answer: str = ""
    line_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Warning:
    """A line of the dashboard: a failed or waiting send, with cause and fix. The job's next success clears it.

    Where a connection as a whole needs attention, `job_id` and `send_id` are empty.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """All open warnings of one code: how many, and when the first and the last of them were raised."""

    code: str
    count: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write to one connection, until another drain raises the epoch."""

    tenant_id: str
    connection_id: str
    epoch: int
