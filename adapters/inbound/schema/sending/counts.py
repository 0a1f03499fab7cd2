"""How much waits for people and for Jobferry, as the API and the command line show it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Self

from adapters.inbound.schema.schema_base import Output
from core.model.catalogue import CATALOGUE
from core.model.operations.job_counts import CauseTally, Tally, Waiting
from core.services.operations.count_jobs import Attention


class TallyOut(Output):
    """`jobs` is the number to show to people: a job with three failed sends is one job. `items`: items of which it is
    not known whether they are in Spectrum."""

    jobs: int
    sends: int
    items: int

    @classmethod
    def of(cls, tally: Tally) -> Self:
        return cls(jobs=tally.jobs, sends=tally.sends, items=tally.items)


class CauseTallyOut(TallyOut):
    """`oldest` is when the first of these sends was requested. `next_try` is set only where Jobferry tries again by
    itself."""

    code: str
    title: str
    waiting: Waiting
    oldest: datetime | None
    next_try: datetime | None

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
    """`needs_attention` is the number in the title of the start page: jobs that wait for a person, held connections,
    and notices. `jobs_for_people` are those jobs alone."""

    needs_attention: int
    jobs_for_people: int
    held_connections: int
    notices: int
    waiting: Mapping[Waiting, TallyOut]
    causes: list[CauseTallyOut]

    @classmethod
    def of(cls, found: Attention) -> Self:
        return cls(
            needs_attention=found.total,
            jobs_for_people=found.jobs.attention,
            held_connections=found.held,
            notices=found.notices,
            waiting={group: TallyOut.of(tally) for group, tally in found.jobs.groups.items()},
            causes=[CauseTallyOut.of_cause(one) for one in found.jobs.causes],
        )
