"""Which codes upcoming jobs lack, and setting one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from adapters.inbound.schema.schema_base import Input, Moment, Output, Text
from core.model.mappings.alias import AliasEntry, AliasKind
from core.model.mappings.readiness import Gap, Readiness, UpcomingJob


class UpcomingJobOut(Output):
    """`date` is when the job is scheduled, null if ServiceTrade does not say."""

    job_id: str
    number: str | None
    date: Moment | None


class GapOut(Output):
    """A record without a Spectrum code. `code` is the failure code of a send, null if the record is optional."""

    kind: AliasKind
    servicetrade_id: str
    name: str
    code: str | None
    earliest: Moment | None
    jobs: list[UpcomingJobOut]

    @classmethod
    def of(cls, gap: Gap) -> Self:
        return super().of(
            gap,
            servicetrade_id=gap.record.id,
            name=gap.record.name,
            code=gap.cause or None,
            jobs=_jobs(gap.jobs),
        )


class ReadinessOut(Output):
    """Of `jobs` upcoming jobs, `failing` would fail if sent now. `incomplete` jobs have no customer or no location.
    `partial`: there are more jobs or records than were read."""

    connection: str
    jobs: int
    failing: int
    partial: bool
    gaps: list[GapOut]
    incomplete: list[UpcomingJobOut]

    @classmethod
    def of(cls, slug: str, found: Readiness) -> Self:
        gaps = [GapOut.of(gap) for gap in found.gaps]
        return super().of(found, connection=slug, gaps=gaps, incomplete=_jobs(found.incomplete))


class CodeIn(Input):
    """The Spectrum code of a customer, site or contract. `name` is only for people."""

    kind: AliasKind
    servicetrade_id: Text
    name: Text = ""
    code: Text

    def entry(self) -> AliasEntry:
        """Raises BadInput (ALIAS_INVALID), which points at every wrong field."""
        return AliasEntry(self.kind, self.servicetrade_id.strip(), self.name, self.code.strip())


def _jobs(jobs: Sequence[UpcomingJob]) -> list[UpcomingJobOut]:
    return [UpcomingJobOut(job_id=job.id, number=job.number, date=job.date) for job in jobs]
