"""Completes a job, and lists changed jobs."""

from __future__ import annotations

import math
import re
from collections.abc import AsyncIterator
from datetime import datetime
from http import HTTPStatus

from adapters.outbound.servicetrade.calls import Calls, Refusal
from adapters.outbound.servicetrade.envelope import Envelope
from adapters.outbound.servicetrade.job_reading import JobReading, job_not_found
from adapters.outbound.servicetrade.listing import Row, pages
from adapters.outbound.servicetrade.records import CompletionRecord, JobRecord, job_record, read
from adapters.outbound.servicetrade.refusal import not_completed, refused
from adapters.outbound.servicetrade.transport import Request
from core.model.planning.job import COMPLETED, ChangedJob, CompletedJob
from core.model.tenants.tenant import ServiceTradeAccount

_ID = re.compile(r"[0-9]{1,16}", re.ASCII)
_FOLLOWED_LIMIT = 256 << 20
"""Bytes of the list of changed jobs. It is not kept in memory; after a long outage it may have tens of thousands."""


class Completion:
    def __init__(self, calls: Calls, jobs: JobReading) -> None:
        self._calls = calls
        self._jobs = jobs

    async def of(self, account: ServiceTradeAccount, job_id: str) -> CompletedJob | None:
        job = await self._jobs.record(account, job_id)
        return CompletedJob(job.id, job.completedOn) if _is_completed(job) else None

    async def complete(self, account: ServiceTradeAccount, job_id: str) -> CompletedJob:
        """Complete a job, unless a read shows that it is completed or invoiced (an invoiced job must stay invoiced)."""
        if stands := await self.of(account, job_id):
            return stands
        envelope = await self._put(account, job_id)
        try:
            job = job_record(envelope.data)
        except ValueError:
            job = JobRecord(id=job_id)  # the form of the answer to a write is not known
        if job.id != job_id or not _is_completed(job) or job.completedOn is None:
            job = await self._jobs.record(account, job_id)
        if not _is_completed(job):
            raise not_completed(job_id, f"its status stays {job.status}", envelope)
        return CompletedJob(job.id, job.completedOn)

    async def since(self, account: ServiceTradeAccount, since: datetime) -> AsyncIterator[ChangedJob]:
        """Yield the jobs changed since a time. Whether `updatedAfter` includes its own second is [unknown], so the call
        asks for one second more. An unreadable record does not hide the others.
        """
        first = math.floor(since.timestamp())
        query = {"status": "all", "updatedAfter": str(max(0, first - 1))}
        what = "to list the jobs that were changed"
        listed = pages(self._calls, account, "/job", query, "jobs", what, limit=_FOLLOWED_LIMIT, lenient=True)
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


def _is_completed(job: JobRecord | CompletionRecord) -> bool:
    return job.status.strip().lower() in COMPLETED


def _changed(row: Row, first: int) -> ChangedJob | None:
    """Return the changed job, or None if it changed before the second `first`."""
    id_ = str(row.get("id"))
    known = _ID.fullmatch(id_) is not None
    try:
        job = read(CompletionRecord, row)
        before = job.updated is not None and job.updated.timestamp() < first
    except ValueError as error:
        return ChangedJob(id_ if known else "", unreadable=str(error))
    if not known:
        return ChangedJob("", unreadable="completion: id not as expected")
    return None if before else ChangedJob(id_, CompletedJob(id_, job.completedOn) if _is_completed(job) else None)
