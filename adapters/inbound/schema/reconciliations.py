"""Reconciliations as the API and the command line show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from adapters.inbound.schema.schema_base import Figure, Input, Moment, Output, PageQuery, Text, one_of
from adapters.inbound.schema.terms import By, CustomerName, JobIdOut, eg
from core.model.reconciliation.entry import Difference, Entry, Kind, Place, ReconciledJob, Sums
from core.model.reconciliation.run import RunState
from core.model.reconciliation.tally import ReconciliationTally
from core.services.reconciliation.read_reconciliations import ShownReconciliation

_LENGTH = len("2026-11-30")


def _day(value: object) -> date:
    try:
        return date.fromisoformat(value if isinstance(value, str) and len(value) == _LENGTH else "")
    except ValueError as error:
        raise PydanticCustomError("day", "must be a day such as 2026-11-30") from error


Day = Annotated[date, BeforeValidator(_day), eg("2026-03-01")]
Kinds = Annotated[Mapping[str, int], eg({"missing": 2, "drifted": 2, "never_asked": 1})]


class Which(StrEnum):
    """Which jobs of a reconciliation."""

    DIFFERS = "differs"
    """Those with any kind of difference."""
    ACCOUNTED = "accounted"
    """Those without a difference."""
    UNCOMPARED = "uncompared"
    """Those of which a part could not be compared, with or without a difference."""
    ALL = "all"
    """All of them."""
    DOUBLED = "doubled"
    """Those with an item that stands twice, or with two work orders in one Spectrum company."""
    UNCLEAR = "unclear"
    """Those of which it is not known what stands in Spectrum."""
    MISSING = "missing"
    """Those that were never sent, or whose last send failed."""
    DRIFTED = "drifted"
    """Those that differ from what was sent."""
    NEVER_ASKED = "never_asked"
    """Those with items that nobody chose to post."""
    WAITING = "waiting"
    """Those with a send that waits or runs."""
    UNREADABLE = "unreadable"
    """Those that could not be read or planned."""

    @property
    def kind(self) -> str | None:
        """What the list is asked for, None for all jobs."""
        return None if self is Which.ALL else self.value


class ReconciliationIn(Input):
    """The days whose completed jobs are compared, in the tenant's time zone."""

    first_day: Day | None = None
    """The first day. Left out or null: the last day, or yesterday if there is none."""
    last_day: Day | None = None
    """The last day, which is included; today ends with the moment of the request. Left out or null: the first day."""


class SumsOut(Output):
    """Net figures of cost lines. Stock items have no cost here, because they take it from Spectrum's inventory."""

    posted_quantity: Annotated[Figure, eg("12")]
    """Net pieces of materials that stand in Spectrum by our account."""
    posted_amount: Annotated[Figure, eg("1045.5")]
    """Net cost of charges and non-stock items that stand there, in the company's currency."""
    open_quantity: Annotated[Figure, eg("-2")]
    """Pieces that ServiceTrade has more; negative: fewer."""
    open_amount: Annotated[Figure, eg("45")]
    """Cost that ServiceTrade has more; negative: less."""


class ReconciliationOut(Output):
    """One reconciliation. Its result holds for all of its days only in the state `whole`."""

    id: Annotated[str, eg("rec_01KJPV4V00EXAMPLE0000000X1")]
    """Id of the reconciliation, given by Jobferry."""
    state: RunState
    """How far it is, and whether every job was compared."""
    first_day: Annotated[date, eg("2026-03-01")]
    """The first of its days, in the tenant's time zone."""
    last_day: Annotated[date, eg("2026-03-01")]
    """The last of its days, which is included."""
    since: Moment
    """It compares jobs completed from this moment on."""
    until: Moment
    """It compares jobs completed before this moment."""
    requested_by: By
    created_at: Moment
    """When it was started."""
    finished_at: Moment | None
    """When it ended. Null: it still runs."""
    trouble: Annotated[str, eg("")]
    """Why it waits at present, in a sentence. Empty: it does not."""
    reason: Annotated[str, eg("")]
    """Why not every job could be compared, in a sentence. Empty unless it is `incomplete`."""


class ConnectionTally(Output):
    """How the jobs of one connection stand."""

    connection: Annotated[str, eg("main")]
    """Short name of the connection. Empty: jobs that were never sent, and nothing says where they belong."""
    jobs: Annotated[int, eg(214)]
    """How many jobs it sent, or should have."""
    accounted: Annotated[int, eg(209)]
    """How many of them have no difference here."""
    differs: Annotated[int, eg(5)]
    """How many of them have a difference here."""
    uncompared: Annotated[int, eg(1)]
    """How many of them could not be compared whole."""
    kinds: Kinds
    """How many of them have each kind of difference. A job with several kinds counts in each."""
    sums: SumsOut
    """Net figures of these jobs, added up."""

    @classmethod
    def of_slug(cls, tally: ReconciliationTally, slug: str) -> Self:
        return cls(
            connection=slug,
            jobs=tally.jobs(slug),
            accounted=tally.accounted(slug),
            differs=tally.differs(slug),
            uncompared=tally.uncompared(slug),
            kinds={kind.value: tally.of(kind, slug) for kind in Kind},
            sums=SumsOut.of(tally.sums.get(slug, Sums())),
        )


class ReconciliationDetail(ReconciliationOut):
    """A reconciliation with its counts. While it runs, they grow."""

    listed: Annotated[int, eg(214)]
    """How many completed jobs ServiceTrade's list holds for these days."""
    checked: Annotated[int, eg(214)]
    """How many of them were compared."""
    accounted: Annotated[int, eg(209)]
    """How many jobs have no difference on any connection."""
    differs: Annotated[int, eg(5)]
    """How many jobs have a difference, each counted once."""
    uncompared: Annotated[int, eg(1)]
    """How many jobs have a part that could not be compared, because its values in Spectrum are not known here."""
    kinds: Kinds
    """How many jobs have each kind of difference. A job with several kinds counts in each."""
    connections: list[ConnectionTally]
    """The same for each connection with jobs."""
    sums: SumsOut
    """Net figures of all jobs, added up."""

    @classmethod
    def of_shown(cls, shown: ShownReconciliation) -> Self:
        tally = shown.tally
        return cls.of(
            shown.run,
            listed=tally.listed,
            checked=tally.checked,
            accounted=tally.accounted(),
            differs=tally.differs(),
            uncompared=tally.uncompared(),
            kinds={kind.value: tally.of(kind) for kind in Kind},
            connections=[ConnectionTally.of_slug(tally, slug) for slug in tally.connections],
            sums=SumsOut.of(tally.total),
        )


class DifferenceOut(Output):
    """One difference, with what to do."""

    kind: Kind
    """What kind of difference it is."""
    message: Annotated[str, eg("It was never sent.")]
    """What differs, in words for people."""
    fix: Annotated[str, eg("Open the job and send it.")]
    """What to do about it."""
    place: Place
    """Where in Jobferry to do it."""
    send_id: Annotated[str, eg("snd_01KJPV4V00EXAMPLE0000000S1")] | None
    """Id of the send that it is about. Null: it is about none."""
    items: Annotated[str, eg("new_only")] | None
    """The choice of items with which a send posts the rest. Null: no send does."""

    @classmethod
    def of_difference(cls, one: Difference) -> Self:
        return cls.of(one, send_id=one.send_id or None, items=one.items or None)


class EntryOut(Output):
    """How a job stands on one connection."""

    connection: Annotated[str, eg("main")]
    """Short name of the connection. Empty: nothing says where the job belongs."""
    work_order_number: Annotated[str, eg("T104482")]
    """Number of its work order in Spectrum. Empty: there is none."""
    differences: list[DifferenceOut]
    """What differs here. Empty: the job is accounted for here."""
    uncompared: Annotated[int, eg(0)]
    """How many items could not be compared, and one more if the header could not."""
    kept_back: Annotated[bool, eg(False)]
    """Whether a rule of this connection keeps the job out of Spectrum."""
    sums: SumsOut
    """Net figures of the job here."""

    @classmethod
    def of_entry(cls, entry: Entry) -> Self:
        found = [DifferenceOut.of_difference(one) for one in entry.differences]
        return cls.of(entry, differences=found, sums=SumsOut.of(entry.sums))


class ReconciledJobOut(Output):
    """A completed job as it was found at `checked_at`."""

    job_id: JobIdOut
    number: Annotated[str, eg("104482")]
    """The job number that people see in ServiceTrade. Empty: it could not be read."""
    customer: CustomerName
    completed_on: Moment | None
    """When the job was completed. Null: ServiceTrade does not say."""
    checked_at: Moment
    """When the job was compared."""
    accounted_for: Annotated[bool, eg(False)]
    """Whether it has no difference on any connection."""
    connections: list[EntryOut]
    """How it stands on each connection that it belongs to."""

    @classmethod
    def of_job(cls, job: ReconciledJob) -> Self:
        return cls.of(job, connections=[EntryOut.of_entry(entry) for entry in job.entries])


class ReconciledQuery(Input):
    """Which jobs are wanted."""

    kind: Annotated[Which, one_of(Which), eg("missing")] = Which.DIFFERS
    """Only jobs of this kind. Left out: those with any difference."""
    connection: Annotated[Text, eg("main")] | None = None
    """Only jobs of this connection, by its short name; empty: jobs of none yet. Left out: of all."""


class ReconciledJobsQuery(ReconciledQuery, PageQuery):
    """Which jobs are wanted, and which part of the list."""


COLUMNS = (
    *("job_id", "job_number", "customer", "completed_on", "connection", "work_order", "kind", "message", "fix"),
    *("posted_quantity", "posted_amount", "open_quantity", "open_amount", "uncompared", "checked_at"),
)


def csv_cells(jobs: Sequence[ReconciledJob], connection: str | None = None) -> list[Sequence[str | Decimal]]:
    """A row for each difference, and one for each connection on which a job has none. The sums of a job are in its
    first row on a connection only, so that a column adds up."""
    rows: list[Sequence[str | Decimal]] = []
    for job in jobs:
        shown = ReconciledJobOut.of_job(job).model_dump(mode="json")
        head = [shown["job_id"], shown["number"], shown["customer"], shown["completed_on"] or ""]
        for entry in shown["connections"]:
            if connection is not None and entry["connection"] != connection:
                continue
            sums: list[str | Decimal] = [Decimal(entry["sums"][name]) for name in COLUMNS[9:13]]
            found = entry["differences"] or [{"kind": "accounted", "message": "", "fix": ""}]
            for one in found:
                said = [one["kind"], one["message"], one["fix"]]
                tail = [str(entry["uncompared"]), shown["checked_at"]]
                rows.append([*head, entry["connection"], entry["work_order_number"], *said, *sums, *tail])
                sums = [""] * len(sums)
    return rows
