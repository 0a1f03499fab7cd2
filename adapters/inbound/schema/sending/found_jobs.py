"""A job of ServiceTrade that was looked for by its number, with its sends."""

from __future__ import annotations

from typing import Self

from pydantic import Field

from adapters.inbound.schema.schema_base import Input, Moment, Output
from adapters.inbound.schema.sending.sends import JobNumber, SendSummary
from core.model.planning.job_description import JobDescription
from core.services.sending.list_sends import SendPage

MOST_FOUND = 10
MOST_SENDS = 20


class JobsQuery(Input):
    job_number: JobNumber


class FoundJobOut(Output):
    """A job as ServiceTrade has it now."""

    job_id: str = Field(description="The job's id in ServiceTrade.", examples=["2412087334600705"])
    job_number: str | None = Field(description="The job's number.", examples=["104482"])
    name: str = Field(description="The job's name in ServiceTrade.", examples=["Sprinkler inspection"])
    status: str = Field(description="ServiceTrade's own word for its status.", examples=["completed"])
    scheduled_at: Moment | None = Field(
        description="When it is scheduled, null if ServiceTrade does not say.", examples=["2026-03-02T14:00:00Z"]
    )
    customer: str | None = Field(description="The customer's name.", examples=["Harborview Foods"])
    location: str | None = Field(description="The location's name.", examples=["Plant 2"])
    sends: list[SendSummary] = Field(description=f"Its sends, newest first, at most {MOST_SENDS}.")
    more_sends: bool = Field(description="Whether there are older sends: `GET .../sends?job_id=`.", examples=[False])

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
