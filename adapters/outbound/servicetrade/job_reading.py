"""Reads a job with its customer, location and contract, which are four resources of ServiceTrade.

The stubs on a job have no external ids [seen]. So company and location are read in full, and of the contract its id.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus

from adapters.outbound.servicetrade.calls import Calls, Refusal
from adapters.outbound.servicetrade.records import (
    AnyRecord,
    JobRecord,
    PartyRecord,
    Stub,
    ValueRecord,
    job_record,
    read,
)
from adapters.outbound.servicetrade.refusal import refused
from adapters.outbound.servicetrade.transport import Request
from adapters.outbound.servicetrade.unreachable import wrong_address
from core.model.planning.job import JobSnapshot, Party
from core.model.shared.errors import NotFound
from core.model.tenants.tenant import ServiceTradeAccount


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
        try:
            envelope = await self._calls.attempt(account, Request("GET", f"/job/{job_id}"))
        except Refusal as refusal:
            if refusal.status == HTTPStatus.NOT_FOUND:
                raise job_not_found(f"no job with the id {job_id}") from refusal
            raise refused(refusal.status, refusal.envelope, f"to read the job {job_id}") from refusal
        try:
            return job_record(envelope.data)
        except ValueError as error:
            raise wrong_address(account.base_url, _unlike(error)) from error

    async def _party(self, account: ServiceTradeAccount, kind: str, stub: Stub | None, system: str) -> Party | None:
        if stub is None:
            return None
        request = Request("GET", f"/{kind}/{stub.id}")
        envelope = await self._calls.call(account, request, f"to read the {kind} {stub.id}")
        party = _read(account, PartyRecord, envelope.data)
        return Party(id=party.id, name=party.name or stub.name, external_id=party.externalIds.get(system))

    async def _contract(self, account: ServiceTradeAccount, stub: Stub | None, system: str) -> Party | None:
        if stub is None:
            return None
        try:
            envelope = await self._calls.attempt(account, Request("GET", f"/externalid/contract/{stub.id}/{system}"))
        except Refusal as refusal:
            if refusal.status == HTTPStatus.NOT_FOUND:
                return Party(id=stub.id, name=stub.name)
            raise refused(refusal.status, refusal.envelope, f"to read the contract {stub.id}") from refusal
        return Party(id=stub.id, name=stub.name, external_id=_read(account, ValueRecord, envelope.data).value)


def job_not_found(what: str) -> NotFound:
    return NotFound(
        f"ServiceTrade knows {what}, or the user that Jobferry signs in with may not see it.",
        code="JOB_NOT_FOUND",
        fix="Compare the number or id with the job's page in ServiceTrade. Check that this account owns the job.",
    )


def _office(job: JobRecord) -> str | None:
    office = job.assignedOffice or next(iter(job.offices), None)
    return (office.name or None) if office else None


def _read(account: ServiceTradeAccount, kind: type[AnyRecord], data: object) -> AnyRecord:
    try:
        return read(kind, data)
    except ValueError as error:
        raise wrong_address(account.base_url, _unlike(error)) from error


def _unlike(error: ValueError) -> str:
    return f"answers with a record in an unknown form ({error})"
