"""Reads a job with its customer, location and contract, which are four resources of ServiceTrade; completes it; lists
changed jobs.

The stubs on a job have no external ids [seen]. So company and location are read in full, and of the contract its id.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from http import HTTPStatus

from adapters.net.json_shapes import key_of, text_or_nothing
from adapters.outbound.servicetrade.calls import ID, Part, Refusal, Row, checked_id, checked_system
from adapters.outbound.servicetrade.envelope import Envelope
from adapters.outbound.servicetrade.records import (
    AnyRecord,
    CompletionRecord,
    JobRecord,
    PartyRecord,
    Stub,
    TaggedRecord,
    ValueRecord,
    completed,
    detail,
    job_members,
    read,
    read_from,
    service_line,
)
from adapters.outbound.servicetrade.refusal import not_completed, record_unreadable, refused
from adapters.outbound.servicetrade.transport import Request
from core.model.planning.job import ChangedJob, CompletedJob, JobSnapshot, Party
from core.model.shared.errors import NotFound, TenantMends
from core.model.shared.text import composed
from core.model.tenants.tenant import ServiceTradeAccount

_UNKNOWN_FORM = "answers with a record in an unknown form"
_FOLLOWED_LIMIT = 256 << 20
"""Bytes of the list of changed jobs. It is not kept in memory; after a long outage it may have tens of thousands."""


MOST_OTHER_JOBS = 2_000
"""A search for a job number reads past so many jobs with other numbers, if ServiceTrade ignores what is searched for:
20 calls."""


class Jobs(Part):
    async def read_job(self, account: ServiceTradeAccount, job_id: str, system: str) -> JobSnapshot:
        """Return the job for planning. Raises NotFound (JOB_NOT_FOUND) and the errors of the port for every call."""
        job_id, system = checked_id(job_id), checked_system(system)
        job = await self._record(account, job_id, JobRecord, system)
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
            service_line=service_line(job.serviceLine) or None,
            tags=tuple(tag.name for tag in job.tags if tag.name),
            completed_on=job.completedOn,
            updated=job.updated,
        )

    async def find_job_ids(self, account: ServiceTradeAccount, number: str) -> Sequence[str]:
        wanted = number.strip()
        query = {"number": wanted, "status": "*"}  # without a status only scheduled jobs are listed [doc]
        what = f"to search for the job number {wanted}"
        found: list[str] = []
        if not wanted:
            return found
        others = 0
        async for row in self._calls.rows(account, "/job", query, "jobs", what, limit=_FOLLOWED_LIMIT):
            if text_or_nothing(row.get("number")).strip() == wanted and (job_id := key_of(row)):
                found.append(job_id)
            else:
                others += 1
            if others > MOST_OTHER_JOBS:  # the list may go on for minutes, and the number may be there once more
                raise search_ignored(wanted)
        return found

    async def set_failure_tag(self, account: ServiceTradeAccount, job_id: str, tag: str, present: bool) -> None:
        """Write all tag names of the job, if they change. A tag without a name would be lost, so it is an error.
        How tags are written is [unknown]; `PUT /job/{id} {"tags": [names]}` is a guess from how they are read."""
        job = await self._record(account, checked_id(job_id), TaggedRecord)
        if any(not tag.name for tag in job.tags):
            raise record_unreadable(f"the job {job_id}", "one of its tags has no name")
        others = [one.name for one in job.tags if composed(one.name).strip() != composed(tag).strip()]
        if present is (len(others) == len(job.tags)):
            names = [*others, tag] if present else others
            request = Request("PUT", f"/job/{job_id}", body={"tags": names})
            await self._calls.call(account, request, f"to write the tags of the job {job_id}")

    async def _record(
        self, account: ServiceTradeAccount, job_id: str, kind: type[AnyRecord], system: str | None = None
    ) -> AnyRecord:
        """Return only the job, or what `kind` holds of it. Raises NotFound (JOB_NOT_FOUND)."""
        envelope = await self._calls.find(account, Request("GET", f"/job/{job_id}"), f"to read the job {job_id}")
        if envelope is None:
            raise job_not_found(f"no job with the id {job_id}")
        return read_from(account, kind, job_members(envelope.data), _UNKNOWN_FORM, f"the job {job_id}", system)

    async def _party(self, account: ServiceTradeAccount, kind: str, stub: Stub | None, system: str) -> Party | None:
        if stub is None:
            return None
        request = Request("GET", f"/{kind}/{stub.id}")
        envelope = await self._calls.call(account, request, f"to read the {kind} {stub.id}")
        record, what = detail(envelope.data, kind), f"the {kind} {stub.id}"
        party = read_from(account, PartyRecord, record, _UNKNOWN_FORM, what, system)
        return Party(id=party.id, name=party.name or stub.name, external_id=party.externalIds.get(system))

    async def _contract(self, account: ServiceTradeAccount, stub: Stub | None, system: str) -> Party | None:
        if stub is None:
            return None
        request = Request("GET", f"/externalid/contract/{stub.id}/{system}")
        envelope = await self._calls.find(account, request, f"to read the contract {stub.id}")
        what = f"the external ID of the contract {stub.id}"
        code = read_from(account, ValueRecord, envelope.data, _UNKNOWN_FORM, what).value if envelope else None
        return Party(id=stub.id, name=stub.name, external_id=code)

    async def completion_of(self, account: ServiceTradeAccount, job_id: str) -> CompletedJob | None:
        job = await self._record(account, checked_id(job_id), CompletionRecord)
        return CompletedJob(job.id, job.completedOn) if completed(job.status) else None

    async def complete_job(self, account: ServiceTradeAccount, job_id: str) -> CompletedJob:
        """Complete a job, unless a read shows that it is completed or invoiced (an invoiced job must stay invoiced)."""
        if stands := await self.completion_of(account, job_id):
            return stands
        envelope = await self._put(account, job_id)
        try:
            job: CompletionRecord | None = read(CompletionRecord, job_members(envelope.data))
        except ValueError:
            job = None  # the form of the answer to a write is not known
        if job is None or job.id != job_id or not completed(job.status) or job.completedOn is None:
            job = await self._record(account, job_id, CompletionRecord)
        if not completed(job.status):
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


def search_ignored(number: str) -> TenantMends:
    """Nobody may be sent another job, and a number that was given twice must be noticed: so nothing is found."""
    return TenantMends(
        f"ServiceTrade lists other jobs when it is asked for the job number {number}, and there are more than "
        f"{MOST_OTHER_JOBS:,} of them, so it is not known which job has this number.",
        code="JOB_NUMBER_SEARCH_FAILED",
        fix="Name the job by its id, which is the end of the job's address in ServiceTrade. Tell ServiceTrade's "
        "support that its list of jobs ignores the filter `number`.",
    )


def job_not_found(what: str) -> NotFound:
    return NotFound(
        f"ServiceTrade knows {what}, or the user that Jobferry signs in with may not see it.",
        code="JOB_NOT_FOUND",
        fix="Compare the number or id with the job's page in ServiceTrade. Check that this account owns the job.",
    )


def _office(job: JobRecord) -> str | None:
    """The name of the assigned office, or of the first one. Of a bare id, the name is in the list of offices."""
    office = job.assignedOffice or next(iter(job.offices), None)
    if office and office.id and not office.name:
        office = next((one for one in job.offices if one.id == office.id and one.name), office)
    return (office.name or None) if office else None


def _changed(row: Row, first: int) -> ChangedJob | None:
    """Return the changed job, or None if it changed before the second `first`."""
    id_ = key_of(row)
    if not ID.fullmatch(id_):
        return ChangedJob("", unreadable="it has no id")
    try:
        job = read(CompletionRecord, row)
    except ValueError as error:
        return ChangedJob(id_, unreadable=str(error))
    if job.updated is not None and job.updated.timestamp() < first:
        return None
    return ChangedJob(id_, CompletedJob(id_, job.completedOn) if completed(job.status) else None)
