"""What a reconciliation found of one job: where it stands, and every difference with what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class Kind(StrEnum):
    """Why a job is not accounted for; the most urgent first."""

    DOUBLED = "doubled"
    """An item stands twice, or the job has two work orders in one Spectrum company."""
    UNCLEAR = "unclear"
    """Nobody knows whether it is in Spectrum: in doubt, or nobody said what stands there."""
    MISSING = "missing"
    """The job was never sent, or what was asked for failed."""
    DRIFTED = "drifted"
    """ServiceTrade and what stands in Spectrum differ: header, items or number."""
    NEVER_ASKED = "never_asked"
    """The work order stands, but nobody chose to post its items."""
    WAITING = "waiting"
    """A send waits or runs. It continues by itself, or its connection is paused or on hold."""
    UNREADABLE = "unreadable"
    """The job could not be read or planned, so nobody knows."""


class Place(StrEnum):
    """Where a person acts on a difference."""

    JOB = "job"
    """The job: preview it, send it, or say which of its items are in Spectrum."""
    SEND = "send"
    """The send: see its cause, fix it, and try again."""
    DOUBTS = "doubts"
    """The items to check in Spectrum: settle them."""
    CONNECTION = "connection"
    """The connection: resume it, or confirm a restored backup."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """`message` says what differs, `fix` what to do, and `place` where; `send_id` names the send, '' if it is not about
    one. `items` is the choice of items that posts the rest, '' if none does."""

    kind: Kind
    message: str
    fix: str
    place: Place = Place.JOB
    send_id: str = ""
    items: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Net quantity of materials and net cost amount (other charges and non-stock items; stock items take their cost
    from Spectrum's inventory). `posted` stands in Spectrum by our account, `open` is what `difference` would add."""

    posted_quantity: Decimal = Decimal()
    posted_amount: Decimal = Decimal()
    open_quantity: Decimal = Decimal()
    open_amount: Decimal = Decimal()

    def __add__(self, other: Sums) -> Sums:
        return Sums(
            posted_quantity=self.posted_quantity + other.posted_quantity,
            posted_amount=self.posted_amount + other.posted_amount,
            open_quantity=self.open_quantity + other.open_quantity,
            open_amount=self.open_amount + other.open_amount,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """The job on one connection. `connection` is its slug, '' if the job was never sent and nothing says where it
    belongs. `uncompared` counts items whose quantity in Spectrum is not known here, and the header if that is not.
    `kept_back`: a rule keeps the job out of Spectrum, and nothing of it can be there."""

    connection: str
    work_order_number: str = ""
    differences: tuple[Difference, ...] = ()
    sums: Sums = Sums()
    uncompared: int = 0
    kept_back: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciledJob:
    """A completed job as it was found at `checked_at`. `number` and `customer` are '' if they could not be read."""

    job_id: str
    completed_on: datetime | None
    updated: datetime | None
    checked_at: datetime
    number: str = ""
    customer: str = ""
    entries: tuple[Entry, ...] = ()

    @property
    def differences(self) -> Iterator[Difference]:
        return (one for entry in self.entries for one in entry.differences)

    @property
    def accounted_for(self) -> bool:
        return next(self.differences, None) is None

    @property
    def sums(self) -> Sums:
        return sum((entry.sums for entry in self.entries), Sums())

    @property
    def marks(self) -> Sequence[str]:
        """What lists and counts look for: its kinds of difference, each also on its connection."""
        return sorted(set(_marks(self.entries)))


ACCOUNTED = "accounted"
DIFFERS = "differs"
"""The mark of a job with any difference; the other jobs have ACCOUNTED."""
UNCOMPARED = "uncompared"


def mark_of(kind: str, connection: str | None) -> str:
    """The mark of jobs with this kind, on one connection or on any."""
    return kind if connection is None else f"{connection}/{kind}"


def _marks(entries: Iterable[Entry]) -> Iterator[str]:
    differs = False
    for entry in entries:
        kinds: set[str] = {one.kind.value for one in entry.differences}
        differs = differs or bool(kinds)
        kinds.add(DIFFERS if kinds else ACCOUNTED)
        if entry.uncompared:
            kinds.add(UNCOMPARED)
        yield mark_of("", entry.connection)
        for kind in kinds:
            if kind not in (ACCOUNTED, DIFFERS):
                yield kind
            yield mark_of(kind, entry.connection)
    yield DIFFERS if differs else ACCOUNTED
