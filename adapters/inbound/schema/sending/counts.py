"""How much waits for people and for Jobferry, as the API and the command line show it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Self

from adapters.inbound.schema.schema_base import Moment, Output
from adapters.inbound.schema.terms import Code, eg
from core.model.catalogue import CATALOGUE
from core.model.operations.job_counts import CauseTally, Tally, Waiting
from core.services.operations.count_jobs import Attention


class TallyOut(Output):
    """How many jobs wait for one thing."""

    jobs: Annotated[int, eg(2)]
    """How many jobs wait: the number to show to people. A job with three failed sends is one job."""
    sends: Annotated[int, eg(3)]
    """How many sends of these jobs wait."""
    items: Annotated[int, eg(0)]
    """How many items may be in Spectrum or not."""

    @classmethod
    def of(cls, tally: Tally) -> Self:
        return cls(jobs=tally.jobs, sends=tally.sends, items=tally.items)


class CauseTallyOut(TallyOut):
    """How many jobs wait for one cause."""

    code: Code
    title: Annotated[str, eg("Site has no Spectrum code")]
    """The cause in a few words for people."""
    waiting: Waiting
    oldest: Moment | None
    """When the first of these sends was requested."""
    next_try: Annotated[Moment, eg(None)] | None
    """When Jobferry next tries one of them. Null: it does not by itself."""

    @classmethod
    def of_cause(cls, cause: CauseTally) -> Self:
        entry = CATALOGUE.get(cause.code)
        return cls(
            code=cause.code,
            title=entry.title if entry else cause.code,
            waiting=cause.waiting,
            oldest=cause.oldest,
            next_try=cause.next_try,
            **TallyOut.of(cause.tally).model_dump(),
        )


class CountsOut(Output):
    """How much waits, counted as on every page of the console."""

    needs_attention: Annotated[int, eg(2)]
    """The number in the title of the start page: jobs and new records that wait for a person, notes and
    documents to check, held connections, and notices."""
    jobs_for_people: Annotated[int, eg(2)]
    """How many jobs wait for a person."""
    new_records: Annotated[int, eg(0)]
    """How many new sites and customers for Spectrum wait for a person."""
    unclear_annotations: Annotated[int, eg(0)]
    """How many notes and documents somebody has to look for in Spectrum."""
    held_connections: Annotated[int, eg(0)]
    """How many connections a person has to resume."""
    notices: Annotated[int, eg(0)]
    """How many other things need attention, such as a client secret that ends soon."""
    waiting: Mapping[Waiting, TallyOut]
    """How many jobs wait, by what they wait for."""
    causes: list[CauseTallyOut]
    """How many jobs wait, by cause; the most frequent cause first."""

    @classmethod
    def of(cls, found: Attention) -> Self:
        return cls(
            needs_attention=found.total,
            jobs_for_people=found.jobs.attention,
            new_records=found.jobs.new_records,
            unclear_annotations=found.jobs.unclear_annotations,
            held_connections=found.held,
            notices=found.notices,
            waiting={group: TallyOut.of(tally) for group, tally in found.jobs.groups.items()},
            causes=[CauseTallyOut.of_cause(one) for one in found.jobs.causes],
        )
