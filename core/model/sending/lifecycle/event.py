"""What can happen to a send: a step came back with an outcome, or a person did something."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.model.planning.plan import SendPlan
from core.model.sending.answer import WriteOutcome
from core.model.sending.diagnosis import Diagnosis
from core.model.sending.evidence import Verdict
from core.model.sending.send import Attempt
from core.model.shared.finding import Finding
from core.model.work_orders.cost_line import LedgerLine, LineState


@dataclass(frozen=True, slots=True)
class NumberClaim:
    """A work order number of a Spectrum company, under each key that it may have, and the ServiceTrade job that is to
    have it (`owner`)."""

    keys: tuple[bytes, ...]
    owner: bytes
    adopt: bool = False


# What the steps come back with.


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """The plan is made; nothing is written yet. `lines` are its cost lines as they would be stored, `snapshot` the
    account it was held against. `completed`: the job's completion is to be remembered, with its moment if known."""

    plan: SendPlan
    plan_id: str
    lines: tuple[LedgerLine, ...]
    snapshot: frozenset[tuple[str, str, str]]
    claim: NumberClaim
    completed: bool = False
    completed_on: datetime | None = None


@dataclass(frozen=True, slots=True)
class HeaderBegins:
    """The stored header is about to be written (once more): after a crash or an unclear outcome."""

    claim: NumberClaim


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderAnswered:
    """`fresh`: no earlier write of this plan can have reached Spectrum. `diagnosis` unless it was accepted."""

    outcome: WriteOutcome
    attempt: Attempt
    claim: NumberClaim
    fresh: bool
    diagnosis: Diagnosis | None = None


@dataclass(frozen=True, slots=True)
class NumberWritten:
    """The work order number stands on the job as its external id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberNotWritten:
    """`passes`: time mends it, `retry_after` seconds if ServiceTrade said so."""

    problem: Finding
    attempt: Attempt
    passes: bool
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class LineBegins:
    """The next line is to be posted by the call `attempt_id`."""

    attempt_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LineAnswered:
    """What one call learned of its line. It is true whoever holds the connection, so it needs no lease. `hold_for`: the
    connection waits for a person, since other lines would fare alike."""

    line: LedgerLine
    attempt: Attempt
    attempt_id: str
    state: LineState
    findings: tuple[Finding, ...] = ()
    system_key: str | None = None
    hold_for: Finding | None = None


@dataclass(frozen=True, slots=True)
class SpectrumTrouble:
    """Spectrum did not take a line for a reason that has nothing to do with it: a lock, no access, nobody there."""

    diagnosis: Diagnosis


@dataclass(frozen=True, slots=True)
class ServiceTradeTrouble:
    """ServiceTrade could not be read. `passes`: time mends it."""

    problem: Finding
    passes: bool
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Reported:
    """ServiceTrade was told. `trouble` is what it did not take; `comment_stands`: an older comment may still be there;
    `look_at`: when evidence about lines in doubt can be had."""

    trouble: tuple[Finding, ...] = ()
    comment_stands: bool = False
    look_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NotReported:
    """ServiceTrade could not be told, and time mends it."""

    problem: Finding
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class EvidenceFound:
    """What the lines that stand in Spectrum prove about the ones in doubt; empty if nothing."""

    verdicts: Sequence[tuple[LedgerLine, Verdict]] = ()


@dataclass(frozen=True, slots=True)
class EvidenceWaits:
    """Lines cannot be read back at the moment."""

    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class StepFailed:
    """Jobferry itself failed in a step."""

    problem: Finding


# What people do.


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Somebody takes back a send that has written nothing."""


@dataclass(frozen=True, slots=True)
class GaveWay:
    """A newer send of the same job was asked for that carries all that this one would have."""


@dataclass(frozen=True, slots=True)
class Retried:
    """Somebody lets a failed or waiting send go again now."""


@dataclass(frozen=True, slots=True)
class MarkedDone:
    """Somebody has entered in Spectrum what a failed send could not. `ids` are for the rows that this takes: as many as
    the plan has lines and blocked items."""

    by: str
    reason: str
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Settled:
    """Somebody looked in Spectrum: the line is there (`posted`) or it is not (`not_posted`)."""

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
    | SpectrumTrouble
    | ServiceTradeTrouble
    | Reported
    | NotReported
    | EvidenceFound
    | EvidenceWaits
    | StepFailed
    | Cancelled
    | GaveWay
    | Retried
    | MarkedDone
    | Settled
)
