"""Reads the services of a job ("service requests"): all of them, each once, or an error.

Source: `GET /servicerequest?jobId=` in ServiceTrade's official client libraries; the key `serviceRequests` and the
members id, description, status and job as there and in its samples of a job. Inferred: `serviceLine` as on a job
item, and that the list is paged like the others. What cannot be read is an error and never a part of the list: a task
cannot be taken back.
"""

from __future__ import annotations

from collections.abc import Sequence

from adapters.net.json_shapes import identifier, key_of, quoted, sole, text
from adapters.outbound.servicetrade.calls import Part, Row, checked_id
from adapters.outbound.servicetrade.records import named, service_line
from adapters.outbound.servicetrade.refusal import list_unsteady, record_unreadable
from adapters.outbound.servicetrade.unreachable import wrong_address
from core.model.tenants.tenant import ServiceTradeAccount
from core.model.work_orders.job_service import JobService

_READINGS = 3


class Services(Part):
    async def read_services(self, account: ServiceTradeAccount, job_id: str) -> Sequence[JobService]:
        """Read all services. A list of more than one page is read until two readings agree, as that of the items."""
        before: Sequence[JobService] | None = None
        for _ in range(_READINGS):
            services, calls = await self._services(account, checked_id(job_id))
            if calls == 1 or services == before:
                return services
            before = services
        raise list_unsteady(_what(job_id))

    async def _services(self, account: ServiceTradeAccount, job_id: str) -> tuple[Sequence[JobService], int]:
        services: dict[str, JobService] = {}
        calls = 0
        query = {"jobId": job_id}
        async for page in self._calls.pages(account, "/servicerequest", query, "serviceRequests", _what(job_id)):
            calls += 1
            for row in page:
                one = _service(account, row, job_id)
                services.setdefault(one.id, one)
        return list(services.values()), calls


def _service(account: ServiceTradeAccount, row: Row, job_id: str) -> JobService:
    key = key_of(row)
    what = f"the service {key or '(without an id)'} of the job {job_id}"
    owner = _job_of(row)
    if not key or not owner:
        raise record_unreadable(what, "it has no id, or does not say which job it belongs to")
    if owner != job_id:
        raise wrong_address(account.base_url, f"lists services of another job than {job_id}")
    try:
        description, status = text(row.get("description")), text(row.get("status"))
    except ValueError as error:
        raise record_unreadable(what, quoted([row.get("description"), row.get("status")])) from error
    return JobService(
        id=key,
        description=description.strip(),
        status=status.strip().lower(),
        service_line=service_line(named(row.get("serviceLine"))),
    )


def _job_of(row: Row) -> str:
    one = sole(row.get("job"))
    try:
        return identifier(one.get("id") if isinstance(one, dict) else one)
    except ValueError:
        return ""


def _what(job_id: str) -> str:
    return f"to read the services of the job {job_id}"
