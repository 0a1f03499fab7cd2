"""What people are shown of a job, and in which external systems its customer is mapped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import Field

from adapters.net.json_shapes import key_of, rows_of, text_or_nothing
from adapters.outbound.servicetrade.calls import Part, checked_id
from adapters.outbound.servicetrade.jobs import job_not_found
from adapters.outbound.servicetrade.records import (
    ExternalIds,
    Key,
    PartyRecord,
    Record,
    SpareMoment,
    SpareReference,
    SpareText,
    Stub,
    detail,
    job_members,
    read_from,
)
from adapters.outbound.servicetrade.transport import Request
from core.model.mappings.readiness import NamedRecord
from core.model.planning.job_description import JobDescription
from core.model.tenants.tenant import ServiceTradeAccount

_UNKNOWN_FORM = "answers with a record in an unknown form"


class _DescribedRecord(Record):
    id: Key
    number: SpareText = ""
    name: SpareText = ""
    status: SpareText = ""
    scheduledDate: SpareMoment = None
    customer: SpareReference = None
    location: SpareReference = None
    externalIds: ExternalIds = Field(default_factory=dict)


class Descriptions(Part):
    async def describe_job(self, account: ServiceTradeAccount, job_id: str) -> JobDescription:
        job_id = checked_id(job_id)
        envelope = await self._calls.find(account, Request("GET", f"/job/{job_id}"), f"to read the job {job_id}")
        if envelope is None:
            raise job_not_found(f"no job with the id {job_id}")
        members = job_members(envelope.data)
        job = read_from(account, _DescribedRecord, members, _UNKNOWN_FORM, f"the job {job_id}", None)
        return JobDescription(
            id=job_id,
            number=job.number.strip() or None,
            name=job.name,
            status=job.status.strip().lower(),
            scheduled=job.scheduledDate,
            customer=_named(job.customer, envelope.data, "companies"),
            location=_named(job.location, envelope.data, "locations"),
            numbers={system: value.strip() for system, value in job.externalIds.items() if value.strip()},
        )

    async def customer_systems(self, account: ServiceTradeAccount, customer_id: str) -> frozenset[str]:
        customer_id = checked_id(customer_id, "customer")
        what = f"the company {customer_id}"
        envelope = await self._calls.find(account, Request("GET", f"/company/{customer_id}"), f"to read {what}")
        if envelope is None:
            return frozenset()
        record = detail(envelope.data, "company")
        found = read_from(account, PartyRecord, record, _UNKNOWN_FORM, what, None).externalIds
        return frozenset(system for system, value in found.items() if value.strip())


def _named(stub: Stub | None, data: Mapping[str, Any], beside: str) -> NamedRecord | None:
    """The record with its name, which may be in a list beside the job."""
    if stub is None:
        return None
    found = NamedRecord(stub.id, stub.name)
    if found.name:
        return found
    rows = (row for row in rows_of(data.get(beside)) or () if isinstance(row, dict))
    return replace(found, name=next((text_or_nothing(row.get("name")) for row in rows if key_of(row) == stub.id), ""))
