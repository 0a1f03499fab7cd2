"""How many jobs wait, for whom, and for what: the one way to count that every page, the API and the metrics use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from core.model.sending.send import SendState
from core.model.shared.finding import Finding


class Waiting(StrEnum):
    """Who or what a job waits for. It follows from the state of its sends, never from the cause of a failure.

    A job with three failed sends is one job. A job whose sends wait for different things is counted in each group.
    """

    NEEDS_ATTENTION = "needs_attention"
    """A send failed: a person has to fix the cause."""
    IN_DOUBT = "in_doubt"
    """A person has to look in Spectrum, because the outcome of a send or of an item is unknown."""
    RETRYING = "retrying"
    """Jobferry tries again by itself, and nothing stops it."""
    STOPPED = "stopped"
    """It would be tried again, but its connection or account is paused, or held until a person acts."""

    @property
    def for_a_person(self) -> bool:
        return self in (Waiting.NEEDS_ATTENTION, Waiting.IN_DOUBT)


@dataclass(frozen=True, slots=True)
class Tally:
    """`items`: cost lines in doubt."""

    jobs: int = 0
    sends: int = 0
    items: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseTally:
    """The jobs of one group with one cause. `oldest` is when the first of their sends was requested; `next_try` is
    None unless Jobferry tries again by itself."""

    waiting: Waiting
    code: str
    tally: Tally
    oldest: datetime | None
    next_try: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobCounts:
    """`attention`: the jobs that wait for a person. `groups` has every group. The cause with the most jobs is first.
    `new_records`: sites and customers for Spectrum that wait for a person; they belong to no job.
    `unclear_annotations`: notes and documents that are or are not in Spectrum; their jobs are sent."""

    attention: int = 0
    groups: Mapping[Waiting, Tally] = field(default_factory=lambda: dict.fromkeys(Waiting, Tally()))
    causes: Sequence[CauseTally] = field(default_factory=list)
    new_records: int = 0
    unclear_annotations: int = 0


class Outcome(StrEnum):
    """How a send stands, in the chart of the last days."""

    SENT = "sent"
    FAILED = "failed"
    IN_DOUBT = "in_doubt"


OUTCOMES: Mapping[SendState, Outcome] = {
    SendState.SENT: Outcome.SENT,
    SendState.SENT_WITH_WARNINGS: Outcome.SENT,
    SendState.DONE_BY_HAND: Outcome.SENT,
    SendState.NEEDS_ATTENTION: Outcome.FAILED,
    SendState.IN_DOUBT: Outcome.IN_DOUBT,
}
"""The other states are still under way, or nothing came of the send."""


@dataclass(frozen=True, slots=True)
class OpenSend:
    """What a list of causes shows of a send. `finding` is its cause, None if nothing is known."""

    send_id: str
    job_id: str
    connection_id: str
    waiting: Waiting
    requested_at: datetime
    finding: Finding | None = None
    job_number: str | None = None
    work_order_number: str | None = None
    due_at: datetime | None = None

    @property
    def code(self) -> str:
        return self.finding.code if self.finding else ""
