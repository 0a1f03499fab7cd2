"""The events of a send: a step's outcome, or a person's act."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.model.planning.job import CompletedJob
from core.model.planning.plan import SendPlan
from core.model.sending.answer import Accepted, WriteOutcome
from core.model.sending.diagnosis import Diagnosis
from core.model.sending.evidence import Verdict
from core.model.sending.send import Attempt
from core.model.shared.finding import Finding
from core.model.work_orders.annotation import Annotation
from core.model.work_orders.cost_line import LedgerLine, LineState


@dataclass(frozen=True, slots=True)
class NumberClaim:
    """A work order number of a Spectrum company, under each of its keys. `owner` is the job that claims it."""

    keys: tuple[bytes, ...]
    owner: bytes
    adopt: bool = False


# Outcomes of the steps.


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """The plan is made; nothing is written yet. `lines` are its cost lines to store, `snapshot` is of the account that
    it was compared with. `completion` is the job's, to be recorded, if the send was to complete it."""

    plan: SendPlan
    plan_id: str
    lines: tuple[LedgerLine, ...]
    snapshot: frozenset[tuple[str, str, str]]
    claim: NumberClaim
    completion: CompletedJob | None = None


@dataclass(frozen=True, slots=True)
class HeaderBegins:
    """The stored header is about to be written again, after a crash or an unclear outcome."""

    claim: NumberClaim


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderAnswered:
    """`fresh`: no earlier write of this plan can have reached Spectrum. `diagnosis` is None if it was accepted.
    `target_version` is that of the connection with which the call was made."""

    outcome: WriteOutcome
    attempt: Attempt
    claim: NumberClaim
    fresh: bool
    diagnosis: Diagnosis | None = None
    target_version: int = 0


@dataclass(frozen=True, slots=True)
class NumberWritten:
    """The work order number is written to the job as its external id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberNotWritten:
    """`passes`: the cause ends by itself. `retry_after` is in seconds, if ServiceTrade gave it."""

    problem: Finding
    attempt: Attempt
    passes: bool
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class LineBegins:
    """The next line is to be posted by the call `attempt_id`."""

    attempt_id: str


@dataclass(frozen=True, slots=True)
class AnnotationBegins:
    """The next note, marker or document is to be written by the call `attempt_id`. For a document, `key` says which one
    was read, and `content_hash` is the SHA-256 of its content."""

    attempt_id: str
    key: str = ""
    content_hash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotationUnread:
    """A document cannot be read in ServiceTrade, or the connection adds no documents or texts now. `passes`: the cause
    ends by itself."""

    annotation: Annotation
    problem: Finding
    passes: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotationAnswered:
    """The answer to the call `attempt_id`. `diagnosis` is None if Spectrum accepted it."""

    annotation: Annotation
    attempt_id: str
    outcome: WriteOutcome
    attempt: Attempt
    diagnosis: Diagnosis | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineAnswered:
    """The answer to one line's call. It is valid without a lease. `hold_for`: hold the connection for a person, because
    other lines would fail in the same way. `target_version` is that of the connection with which the call was made."""

    line: LedgerLine
    attempt: Attempt
    attempt_id: str
    state: LineState
    findings: tuple[Finding, ...] = ()
    system_key: str | None = None
    hold_for: Finding | None = None
    target_version: int = 0


@dataclass(frozen=True, slots=True)
class SpectrumTrouble:
    """Spectrum did not accept a line for a reason outside the line: a lock, no access, no connection."""

    diagnosis: Diagnosis


@dataclass(frozen=True, slots=True)
class EndpointSilent:
    """Spectrum was not called, because nobody answers the calls of others there. `wait`: until it may be called."""

    address: str
    wait: timedelta


@dataclass(frozen=True, slots=True)
class ServiceTradeTrouble:
    """ServiceTrade could not be read. `passes`: the cause ends by itself."""

    problem: Finding
    passes: bool
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Reported:
    """The outcome was reported in ServiceTrade. `trouble` is what it refused; `comment_stands`: an older comment may
    still be there; `look_at`: when to look for evidence about lines in doubt."""

    trouble: tuple[Finding, ...] = ()
    comment_stands: bool = False
    look_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NotReported:
    """The outcome could not be reported in ServiceTrade, for a cause that ends by itself."""

    problem: Finding
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class EvidenceFound:
    """What the lines in Spectrum prove about the lines in doubt; empty if they prove nothing or cannot be read."""

    verdicts: Sequence[tuple[LedgerLine, Verdict]] = ()


@dataclass(frozen=True, slots=True)
class StepFailed:
    """Jobferry itself failed in a step."""

    problem: Finding


# Acts of people.


@dataclass(frozen=True, slots=True)
class Cancelled:
    """A person cancels a send that has written nothing."""

    by: str


@dataclass(frozen=True, slots=True)
class GaveWay:
    """A newer send of the same job was requested that includes all that this one has."""


@dataclass(frozen=True, slots=True)
class Retried:
    """A person retries a failed or waiting send now."""

    by: str


@dataclass(frozen=True, slots=True)
class MarkedDone:
    """A person has entered a failed send in Spectrum. `ids` are for its rows, one for each line and blocked item."""

    by: str
    reason: str
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Settled:
    """A person checked in Spectrum: the line is there (`posted`) or it is not (`not_posted`)."""

    line_id: str
    verdict: LineState
    by: str
    reason: str


Event = (
    Planned
    | HeaderBegins
    | HeaderAnswered
    | NumberWritten
    | NumberNotWritten
    | LineBegins
    | LineAnswered
    | AnnotationBegins
    | AnnotationAnswered
    | AnnotationUnread
    | SpectrumTrouble
    | EndpointSilent
    | ServiceTradeTrouble
    | Reported
    | NotReported
    | EvidenceFound
    | StepFailed
    | Cancelled
    | GaveWay
    | Retried
    | MarkedDone
    | Settled
)


def accepted_with(event: Event) -> int:
    """The version of the connection's target with which Spectrum accepted a write; 0 for every other event."""
    match event:
        case HeaderAnswered(outcome=Accepted()):
            return event.target_version
        case LineAnswered(state=LineState.POSTED):
            return event.target_version
    return 0
