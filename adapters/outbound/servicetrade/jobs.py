"""Reads a job with its customer, location and contract, which are four resources of ServiceTrade; completes it; lists
changed jobs.

The stubs on a job have no external ids [seen]. So company and location are read in full, and of the contract its id.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from datetime import datetime
from http import HTTPStatus

from adapters.outbound.servicetrade.calls import ID, Part, Refusal, Row, checked_id, checked_system
from adapters.outbound.servicetrade.envelope import Envelope
from adapters.outbound.servicetrade.records import (
    CompletionRecord,
    JobRecord,
    PartyRecord,
    Stub,
    ValueRecord,
    job_record,
    read,
    read_from,
)
from adapters.outbound.servicetrade.refusal import not_completed, refused
from adapters.outbound.servicetrade.transport import Request
from adapters.outbound.servicetrade.unreachable import wrong_address
from core.model.planning.job import COMPLETED, ChangedJob, CompletedJob, JobSnapshot, Party
from core.model.shared.errors import NotFound
from core.model.tenants.tenant import ServiceTradeAccount

_UNKNOWN_FORM = "answers with a record in an unknown form"
_FOLLOWED_LIMIT = 256 << 20
"""Bytes of the list of changed jobs. It is not kept in memory; after a long outage it may have tens of thousands."""


class Jobs(Part):
    async def read_job(self, account: ServiceTradeAccount, job_id: str, system: str) -> JobSnapshot:
        """Return the job for planning. Raises NotFound (JOB_NOT_FOUND) and the errors of the port for every call."""
        job_id, system = checked_id(job_id), checked_system(system)
        job = await self._record(account, job_id)
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

    async def find_job_id(self, account: ServiceTradeAccount, number: str) -> str:
        wanted = number.strip()
        query = {"number": wanted, "status": "*"}  # without a status only scheduled jobs are listed [doc]
        what = f"to search for the job number {wanted}"
        if wanted:
            async for row in self._calls.rows(account, "/job", query, "jobs", what):
                if str(row.get("number")) == wanted and row.get("id"):
                    return str(row["id"])
        raise job_not_found(f"no job with the number {wanted}" if wanted else "no job without a number")

    async def set_failure_tag(self, account: ServiceTradeAccount, job_id: str, tag: str, present: bool) -> None:
        """Write all tag names of the job, if they change.
        How tags are written is [unknown]; `PUT /job/{id} {"tags": [names]}` is a guess from how they are read."""
        job = await self._record(account, checked_id(job_id))
        others = [one.name for one in job.tags if one.name != tag]
        if present is (len(others) == len(job.tags)):
            names = [*others, tag] if present else others
            request = Request("PUT", f"/job/{job_id}", body={"tags": names})
            await self._calls.call(account, request, f"to write the tags of the job {job_id}")

    async def _record(self, account: ServiceTradeAccount, job_id: str) -> JobRecord:
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

    async def completion_of(self, account: ServiceTradeAccount, job_id: str) -> CompletedJob | None:
        job = await self._record(account, checked_id(job_id))
        return CompletedJob(job.id, job.completedOn) if _is_completed(job) else None

    async def complete_job(self, account: ServiceTradeAccount, job_id: str) -> CompletedJob:
        """Complete a job, unless a read shows that it is completed or invoiced (an invoiced job must stay invoiced)."""
        if stands := await self.completion_of(account, job_id):
            return stands
        envelope = await self._put(account, job_id)
        try:
            job = job_record(envelope.data)
        except ValueError:
            job = JobRecord(id=job_id)  # the form of the answer to a write is not known
        if job.id != job_id or not _is_completed(job) or job.completedOn is None:
            job = await self._record(account, job_id)
        if not _is_completed(job):
            raise not_completed(job_id, f"its status stays {job.status}", envelope)
        return CompletedJob(job.id, job.completedOn)

    async def changed_since(self, account: ServiceTradeAccount, since: datetime) -> AsyncIterator[ChangedJob]:
        """Yield the jobs changed since a time. Whether `updatedAfter` includes its own second is [unknown], so the call
        asks for one second more. An unreadable record does not hide the others.
        """
        first = math.floor(since.timestamp())
        query = {"status": "all", "updatedAfter": str(max(0, first - 1))}
        what = "to list the jobs that were changed"
        listed = self._calls.pages(account, "/job", query, "jobs", what, limit=_FOLLOWED_LIMIT, lenient=True)
        async for page in listed:
            for row in page:
                if changed := _changed(row, first):
                    yield changed

    async def _put(self, account: ServiceTradeAccount, job_id: str) -> Envelope:
        """Write the status `completed`. That this completes a job is [inf]."""
        try:
            return await self._calls.attempt(account, Request("PUT", f"/job/{job_id}", body={"status": "completed"}))
        except Refusal as refusal:
            if refusal.status == HTTPStatus.NOT_FOUND:
                raise job_not_found(f"no job with the id {job_id}") from refusal
            if refusal.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
                raise refused(refusal.status, refusal.envelope, f"to complete the job {job_id}") from refusal
            raise not_completed(job_id, f"HTTP {refusal.status}", refusal.envelope) from refusal


def job_not_found(what: str) -> NotFound:
    return NotFound(
        f"ServiceTrade knows {what}, or the user that Jobferry signs in with may not see it.",
        code="JOB_NOT_FOUND",
        fix="Compare the number or id with the job's page in ServiceTrade. Check that this account owns the job.",
    )


def _office(job: JobRecord) -> str | None:
    office = job.assignedOffice or next(iter(job.offices), None)
    return (office.name or None) if office else None


def _is_completed(job: JobRecord | CompletionRecord) -> bool:
    return job.status.strip().lower() in COMPLETED


def _changed(row: Row, first: int) -> ChangedJob | None:
    """Return the changed job, or None if it changed before the second `first`."""
    id_ = str(row.get("id"))
    known = ID.fullmatch(id_) is not None
    try:
        job = read(CompletionRecord, row)
        before = job.updated is not None and job.updated.timestamp() < first
    except ValueError as error:
        return ChangedJob(id_ if known else "", unreadable=str(error))
    if not known:
        return ChangedJob("", unreadable="completion: id not as expected")
    return None if before else ChangedJob(id_, CompletedJob(id_, job.completedOn) if _is_completed(job) else None)
