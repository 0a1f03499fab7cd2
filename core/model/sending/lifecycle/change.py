"""The change that follows from an event: all that is stored with it in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from core.model.connections.connection import Hold
from core.model.planning.job import CompletedJob
from core.model.planning.plan import SendPlan
from core.model.sending.lifecycle.event import NumberClaim
from core.model.sending.send import Attempt, Send, Topic
from core.model.shared.finding import Finding
from core.model.webhooks.event import EventType
from core.model.work_orders.annotation import Annotation
from core.model.work_orders.cost_line import LedgerLine
from core.model.work_orders.work_order import WorkOrderRecord


class WarningChange(StrEnum):
    KEEP = "keep"
    RAISE = "raise"
    """Raise this send's own warning; it replaces the job's former one."""
    CLEAR = "clear"
    FORMER = "former"
    """Restore the warning of the job's last open failure, if any."""


class ClaimChange(StrEnum):
    KEEP = "keep"
    TAKE = "take"
    ACCEPT = "accept"
    GIVE_BACK = "give_back"


@dataclass(frozen=True, slots=True)
class StoredPlan:
    """A plan with its lines, written once under its id."""

    id: str
    plan: SendPlan
    lines: tuple[LedgerLine, ...]


@dataclass(frozen=True, slots=True)
class LineIntent:
    """The intent to post a line. From then on only an answer to `attempt_id`, or a person, decides the line's state.
    The database sets both times: until when the call may leave, and when Spectrum can no longer add the line."""

    line: LedgerLine
    attempt_id: str


@dataclass(frozen=True, slots=True)
class Act:
    """An entry for the audit: who did what to which send or line."""

    actor: str
    action: str
    subject: str
    detail: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """`lines` replace rows with the same id, or are new ones, entered by hand; `give_back` frees what the send owes.

    `frees`: another send may continue with the work order now. `wakes`: wake the connection. `hold` counts only if
    `holds` is set. `completion`: this send completed the job, or found it completed. `late` gives a separate warning
    for what no send of the job can report, because they have ended or are running. `annotation` is the note or marker
    that is written by the call that follows. `of_connection`: raise the connection's own warning of a topic, or remove
    it (None). `log` is the log event, with data.
    """

    send: Send
    attempt: Attempt | None = None
    plan: StoredPlan | None = None
    intent: LineIntent | None = None
    lines: tuple[LedgerLine, ...] = ()
    give_back: bool = False
    frees: bool = False
    record: WorkOrderRecord | None = None
    claim: ClaimChange = ClaimChange.KEEP
    number: NumberClaim | None = None
    completion: CompletedJob | None = None
    superseded: tuple[Send, ...] = ()
    warning: WarningChange = WarningChange.KEEP
    standing: Send | None = None
    late: Send | None = None
    annotation: Annotation | None = None
    of_connection: tuple[Topic, Finding | None] | None = None
    holds: bool = False
    hold: Hold | None = None
    plugin_failed: bool = False
    tells: tuple[EventType, ...] = ()
    acts: tuple[Act, ...] = ()
    wakes: bool = False
    log: str = ""
    log_data: dict[str, Any] = field(default_factory=dict)

    @property
    def begins_call(self) -> bool:
        """Whether a call to Spectrum follows at once."""
        return self.intent is not None or self.annotation is not None or self.claim is ClaimChange.TAKE

    def but(self, **changes: Any) -> Change:
        return replace(self, **changes)
