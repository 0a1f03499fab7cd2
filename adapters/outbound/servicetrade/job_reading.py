"""Reads a job with its customer, location and contract, which are four resources of ServiceTrade.

The stubs on a job have no external ids [seen]. So company and location are read in full, and of the contract its id.
"""

from __future__ import annotations

import asyncio

from adapters.outbound.servicetrade.calls import Calls
from adapters.outbound.servicetrade.records import (
    JobRecord,
    PartyRecord,
    Stub,
    ValueRecord,
    job_record,
    read_from,
)
from adapters.outbound.servicetrade.transport import Request
from adapters.outbound.servicetrade.unreachable import wrong_address
from core.model.planning.job import JobSnapshot, Party
from core.model.shared.errors import NotFound
from core.model.tenants.tenant import ServiceTradeAccount

_UNKNOWN_FORM = "answers with a record in an unknown form"


class JobReading:
    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def read(self, account: ServiceTradeAccount, job_id: str, system: str) -> JobSnapshot:
        """Return the job for planning. Raises NotFound (JOB_NOT_FOUND) and the errors of the port for every call."""
        job = await self.record(account, job_id)
        customer, location, contract = await asyncio.gather(
            self._party(account, "company", job.customer, system),
            self._party(account, "location", job.location, system),
            self._contract(account, job.contract, system),
        )
        return JobSnapshot(
            id=job.id,
            number=job.number,
            status=job.status,
            type=job.type,
            name=job.name,
            description=job.description,
            customer_po=job.customerPo,
            customer=customer,
            location=location,
            contract=contract,
            external_id=job.externalIds.get(system),
            office=_office(job),
            service_line=(job.serviceLine.name or job.serviceLine.abbr) if job.serviceLine else None,
            tags=tuple(tag.name for tag in job.tags),
            completed_on=job.completedOn,
            updated=job.updated,
        )

    async def record(self, account: ServiceTradeAccount, job_id: str) -> JobRecord:
        """Return only the job. Raises NotFound (JOB_NOT_FOUND)."""
        envelope = await self._calls.find(account, Request("GET", f"/job/{job_id}"), f"to read the job {job_id}")
        if envelope is None:
            raise job_not_found(f"no job with the id {job_id}")
        try:
            return job_record(envelope.data)
        except ValueError as error:
            raise wrong_address(account.base_url, f"{_UNKNOWN_FORM} ({error})") from error

    async def _party(self, account: ServiceTradeAccount, kind: str, stub: Stub | None, system: str) -> Party | None:
        if stub is None:
            return None
        request = Request("GET", f"/{kind}/{stub.id}")
        envelope = await self._calls.call(account, request, f"to read the {kind} {stub.id}")
        party = read_from(account, PartyRecord, envelope.data, _UNKNOWN_FORM)
        return Party(id=party.id, name=party.name or stub.name, external_id=party.externalIds.get(system))

    async def _contract(self, account: ServiceTradeAccount, stub: Stub | None, system: str) -> Party | None:
        if stub is None:
            return None
        request = Request("GET", f"/externalid/contract/{stub.id}/{system}")
        envelope = await self._calls.find(account, request, f"to read the contract {stub.id}")
        code = read_from(account, ValueRecord, envelope.data, _UNKNOWN_FORM).value if envelope else None
        return Party(id=stub.id, name=stub.name, external_id=code)


def job_not_found(what: str) -> NotFound:
    return NotFound(
        f"ServiceTrade knows {what}, or the user that Jobferry signs in with may not see it.",
        code="JOB_NOT_FOUND",
        fix="Compare the number or id with the job's page in ServiceTrade. Check that this account owns the job.",
    )


def _office(job: JobRecord) -> str | None:
    office = job.assignedOffice or next(iter(job.offices), None)
    return (office.name or None) if office else None
