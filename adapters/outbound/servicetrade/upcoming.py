"""Lists open jobs, and reads and writes external ids: the Spectrum codes of their records, and their numbers there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from http import HTTPStatus
from typing import Literal

from adapters.outbound.servicetrade.calls import Part, Refusal, Row, checked_id, checked_system
from adapters.outbound.servicetrade.records import Stub, UpcomingRecord, ValueRecord, read_from
from adapters.outbound.servicetrade.refusal import refused, system_unknown, value_taken
from adapters.outbound.servicetrade.transport import Request
from core.model.mappings.alias import AliasKind
from core.model.mappings.readiness import NamedRecord, UpcomingJob
from core.model.tenants.tenant import ServiceTradeAccount

_OPEN = ("scheduled", "new")
"""Each status is a separate call: whether one filter may hold several statuses is [unknown]."""
_LISTED_LIMIT = 64 << 20
"""Bytes of a list of open jobs. It is not kept in memory; a job with its appointments may have some kilobytes."""
_TYPES: Mapping[AliasKind | Literal["job"], str] = {
    AliasKind.CUSTOMER: "company",
    AliasKind.SITE: "location",
    AliasKind.CONTRACT: "contract",
    AliasKind.ITEM: "libitem",
    "job": "job",
}


class Upcoming(Part):
    async def upcoming_jobs(self, account: ServiceTradeAccount) -> AsyncIterator[UpcomingJob]:
        """Yield each open job once, even if its status changes between the two calls and it is in both lists."""
        seen: set[str] = set()
        for status in _OPEN:
            what = f"to list the {status} jobs"
            query = {"status": status}
            async for page in self._calls.pages(account, "/job", query, "jobs", what, limit=_LISTED_LIMIT):
                for row in page:
                    job = _listed(account, row)
                    if job.id not in seen:
                        seen.add(job.id)
                        yield job

    async def read_code(self, account: ServiceTradeAccount, kind: AliasKind, record_id: str, system: str) -> str | None:
        request = Request("GET", _path(kind, record_id, system))
        envelope = await self._calls.find(account, request, f"to read the {kind} {record_id}")
        if envelope is None:
            return None
        what = f"the external ID of the {kind} {record_id}"
        return read_from(account, ValueRecord, envelope.data, "answers with an invalid code", what).value

    async def write_code(
        self, account: ServiceTradeAccount, kind: AliasKind | Literal["job"], record_id: str, system: str, value: str
    ) -> None:
        try:
            request = Request("PUT", _path(kind, record_id, system), body={"value": value})
            await self._calls.attempt(account, request)
        except Refusal as refusal:
            if refusal.status == HTTPStatus.CONFLICT:
                raise value_taken(value, system, refusal.envelope) from refusal
            if refusal.status == HTTPStatus.NOT_FOUND and await self._is_there(account, kind, record_id):
                raise system_unknown(system, refusal.envelope) from refusal
            what = f"to write the external ID of the {kind} {record_id} under {system}"
            raise refused(refusal.status, refusal.envelope, what) from refusal

    async def _is_there(self, account: ServiceTradeAccount, kind: AliasKind | Literal["job"], record_id: str) -> bool:
        """Whether the record can be read, so that only its external system can be missing."""
        request = Request("GET", f"/{_TYPES[kind]}/{checked_id(record_id, kind)}")
        return await self._calls.find(account, request, f"to read the {kind} {record_id}") is not None

    async def write_external_id(self, account: ServiceTradeAccount, job_id: str, system: str, value: str) -> None:
        await self.write_code(account, "job", job_id, system, value)


def _path(kind: AliasKind | Literal["job"], record_id: str, system: str) -> str:
    return f"/externalid/{_TYPES[kind]}/{checked_id(record_id, kind)}/{checked_system(system)}"


def _listed(account: ServiceTradeAccount, row: Row) -> UpcomingJob:
    job = read_from(account, UpcomingRecord, row, "lists a job in an unknown form", "a job of the list")
    return UpcomingJob(
        id=job.id,
        number=job.number.strip() or None,
        date=job.scheduledDate,
        customer=_named(job.customer),
        location=_named(job.location),
        contract=_named(job.contract),
    )


def _named(stub: Stub | None) -> NamedRecord | None:
    return NamedRecord(stub.id, stub.name) if stub else None
