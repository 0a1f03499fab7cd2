"""A job of ServiceTrade that was looked for by its number, with its sends."""

from __future__ import annotations

from typing import Annotated, Self

from adapters.inbound.schema.schema_base import Input, Moment, Output
from adapters.inbound.schema.sending.send_requests import JobNumberIn
from adapters.inbound.schema.sending.sends import SendSummary
from adapters.inbound.schema.terms import CustomerName, JobIdOut, eg
from core.model.planning.job_description import JobDescription
from core.services.sending.list_sends import SendPage

MOST_FOUND = 10
MOST_SENDS = 20


class JobsQuery(Input):
    """Which job is wanted."""

    job_number: JobNumberIn
    """The whole job number, as people see it in ServiceTrade."""


class FoundJobOut(Output):
    """A job as ServiceTrade has it now, with its newest sends."""

    job_id: JobIdOut
    job_number: Annotated[str, eg("104482")] | None
    """The job number that people see in ServiceTrade. Null: it has none."""
    name: Annotated[str, eg("Sprinkler inspection")]
    """The job's name in ServiceTrade. '' if nobody gave it."""
    status: Annotated[str, eg("completed")]
    """ServiceTrade's own word for its status."""
    scheduled_at: Moment | None
    """When it is scheduled. Null: ServiceTrade does not say."""
    customer: CustomerName | None
    """The customer's name in ServiceTrade. Null: ServiceTrade does not say."""
    location: Annotated[str, eg("Plant 2")] | None
    """The location's name in ServiceTrade. Null: ServiceTrade does not say."""
    sends: list[SendSummary]
    """Its sends, newest first, at most 20."""
    more_sends: Annotated[bool, eg(False)]
    """Whether there are older sends, which `GET .../sends?job_id=` lists."""

    @classmethod
    def of_job(cls, job: JobDescription, page: SendPage) -> Self:
        return cls(
            job_id=job.id,
            job_number=job.number,
            name=job.name,
            status=job.status,
            scheduled_at=job.scheduled,
            customer=job.customer.name if job.customer else None,
            location=job.location.name if job.location else None,
            sends=[SendSummary.of_page(page, send) for send in page.sends],
            more_sends=page.next_before is not None,
        )
