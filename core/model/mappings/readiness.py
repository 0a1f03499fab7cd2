"""What upcoming jobs lack before they can be sent: customers, sites and contracts without a Spectrum code, or with one
that Spectrum surely refuses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from types import MappingProxyType

from core.model.mappings.alias import AliasKey, AliasKind
from core.model.mappings.listed_check import REFUSED_FOR

_NEVER = datetime.max.replace(tzinfo=UTC)
_NONE: Mapping[AliasKey, str] = MappingProxyType({})
_CAUSES: Mapping[AliasKind, str] = {AliasKind.CUSTOMER: "MAP_CUSTOMER_MISSING", AliasKind.SITE: "MAP_SITE_MISSING"}


@dataclass(frozen=True, slots=True)
class NamedRecord:
    """A customer, location or contract in a list of jobs."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UpcomingJob:
    """A job that is not completed. `date` is when it is scheduled, None if ServiceTrade does not say."""

    id: str
    number: str | None
    date: datetime | None
    customer: NamedRecord | None
    location: NamedRecord | None
    contract: NamedRecord | None

    @property
    def records(self) -> Mapping[AliasKey, NamedRecord]:
        roles = (
            (AliasKind.CUSTOMER, self.customer),
            (AliasKind.SITE, self.location),
            (AliasKind.CONTRACT, self.contract),
        )
        return {(kind, record.id): record for kind, record in roles if record}


@dataclass(frozen=True, slots=True)
class Gap:
    """A record without a code, and the jobs that need it, the earliest first.

    `cause` is the code of the failure, '' if the job can be sent without this record's code. `refused` is the record's
    code if a list shows that Spectrum refuses it, '' if the record has none.
    """

    kind: AliasKind
    record: NamedRecord
    cause: str
    jobs: Sequence[UpcomingJob]
    refused: str = ""

    @property
    def earliest(self) -> datetime | None:
        return self.jobs[0].date


@dataclass(frozen=True, slots=True)
class Cause:
    """Gaps of one cause, the earliest first. `code` is the code of the failure, '' if jobs can be sent without it."""

    code: str
    gaps: Sequence[Gap]

    @property
    def jobs(self) -> int:
        return len({job.id for gap in self.gaps for job in gap.jobs})

    @property
    def earliest(self) -> datetime | None:
        return self.gaps[0].earliest


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """`failing` of `jobs` would fail if they were sent now. `incomplete`: jobs without a customer or a location.
    `partial`: there are more upcoming jobs, or more records, than were checked. `first_ready` is the earliest job that
    would not fail; None also if not all were checked."""

    jobs: int
    failing: int
    gaps: Sequence[Gap]
    incomplete: Sequence[UpcomingJob]
    partial: bool
    first_ready: UpcomingJob | None = None

    @property
    def causes(self) -> Sequence[Cause]:
        """The gaps by cause. The cause that stops a send soonest is first; causes that stop none are last."""
        groups = groupby(sorted(self.gaps, key=lambda gap: gap.cause), key=lambda gap: gap.cause)
        causes = [Cause(code, list(gaps)) for code, gaps in groups]
        return sorted(causes, key=lambda cause: (not cause.code, cause.earliest or _NEVER, -cause.jobs, cause.code))


def by_date(jobs: Sequence[UpcomingJob]) -> list[UpcomingJob]:
    """The jobs, earliest first, those without a date last."""
    return sorted(jobs, key=lambda job: (job.date or _NEVER, job.id))


def find_gaps(
    jobs: Sequence[UpcomingJob],
    missing: Mapping[AliasKey, str | None],
    *,
    refused: Mapping[AliasKey, str] = _NONE,
    partial: bool = False,
) -> Readiness:
    """The gaps that stop jobs, those that stop a send soonest first.

    `missing` gives for each record without a code its external id: None, or a blank one. `refused` gives the code of
    each record whose code Spectrum surely refuses.
    """
    ordered = by_date(jobs)
    waiting: dict[AliasKey, list[UpcomingJob]] = {}
    for job in ordered:
        for key in job.records.keys() & (missing.keys() | refused.keys()):
            waiting.setdefault(key, []).append(job)
    gaps = [
        Gap(key[0], held[0].records[key], REFUSED_FOR[key[0]], held, refused[key])
        if key in refused
        else Gap(key[0], held[0].records[key], _cause(key[0], missing[key]), held)
        for key, held in waiting.items()
    ]
    incomplete = [job for job in ordered if not (job.customer and job.location)]
    failing = {job.id for gap in gaps if gap.cause for job in gap.jobs} | {job.id for job in incomplete}
    return Readiness(
        jobs=len(ordered),
        failing=len(failing),
        gaps=sorted(gaps, key=lambda gap: (not gap.cause, gap.earliest or _NEVER, -len(gap.jobs), gap.record.id)),
        incomplete=incomplete,
        partial=partial,
        first_ready=None if partial else next((job for job in ordered if job.id not in failing), None),
    )


def _cause(kind: AliasKind, external_id: str | None) -> str:
    """The failure's code. A contract without a code stops no job: it is sent without the contract."""
    cause = _CAUSES.get(kind, "")
    return cause if not cause or external_id is None else "MAP_EMPTY_VALUE"
