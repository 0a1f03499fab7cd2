"""Which codes upcoming jobs lack, and setting one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Self

from adapters.inbound.schema.schema_base import Input, Moment, Output, Text
from adapters.inbound.schema.terms import (
    Code,
    ConnectionName,
    JobIdOut,
    JobNumber,
    MappedId,
    MappedIdIn,
    MappedName,
    SpectrumCode,
    eg,
)
from core.model.mappings.alias import AliasEntry, AliasKind
from core.model.mappings.readiness import Gap, Readiness, UpcomingJob


class UpcomingJobOut(Output):
    """A job that is still to be done."""

    job_id: JobIdOut
    number: JobNumber | None
    date: Moment | None
    """When it is scheduled. Null: ServiceTrade does not say."""


class GapOut(Output):
    """A record without a Spectrum code, or with one that Spectrum would refuse, and the jobs that need it."""

    kind: AliasKind
    servicetrade_id: MappedId
    name: MappedName
    code: Code | None
    """The code of the failure that a send would have. Null: the record is optional, so nothing would fail."""
    refused: SpectrumCode | None
    """The record's code, if a list that was read from Spectrum or imported shows that Spectrum does not accept it.
    Null: the record has no code."""
    earliest: Moment | None
    """When the first of these jobs is scheduled. Null: not known."""
    jobs: list[UpcomingJobOut]
    """The upcoming jobs with this record."""

    @classmethod
    def of(cls, gap: Gap) -> Self:
        return super().of(
            gap,
            servicetrade_id=gap.record.id,
            name=gap.record.name,
            code=gap.cause or None,
            refused=gap.refused or None,
            jobs=_jobs(gap.jobs),
        )


class ReadinessOut(Output):
    """Which codes the upcoming jobs of a connection lack."""

    connection: ConnectionName
    jobs: Annotated[int, eg(25)]
    """How many upcoming jobs were read."""
    failing: Annotated[int, eg(1)]
    """How many of them would fail if they were sent now."""
    partial: bool
    """Whether there are more jobs or records than were read."""
    gaps: list[GapOut]
    """The records without a code or with a wrong one, those of the earliest job first."""
    incomplete: Annotated[list[UpcomingJobOut], eg([])]
    """Jobs without a customer or a location in ServiceTrade."""

    @classmethod
    def of(cls, slug: str, found: Readiness) -> Self:
        gaps = [GapOut.of(gap) for gap in found.gaps]
        return super().of(found, connection=slug, gaps=gaps, incomplete=_jobs(found.incomplete))


class CodeIn(Input):
    """The Spectrum code of a customer, site, contract or library item."""

    kind: AliasKind
    servicetrade_id: MappedIdIn
    name: Annotated[Text, eg("Harborview Foods")] = ""
    """The record's name, only for people who read the audit."""
    code: Annotated[Text, eg("HARVIEW")]
    """The record's code in Spectrum. It is stored in capital letters."""

    def entry(self) -> AliasEntry:
        """Raises BadInput (ALIAS_INVALID), which points at every wrong field."""
        return AliasEntry(self.kind, self.servicetrade_id.strip(), self.name, self.code.strip())


def _jobs(jobs: Sequence[UpcomingJob]) -> list[UpcomingJobOut]:
    return [UpcomingJobOut(job_id=job.id, number=job.number, date=job.date) for job in jobs]
