"""The port ServiceTrade over its REST API."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from adapters.net.egress import Egress
from adapters.net.public_address import Network
from adapters.net.trust import tls_context
from adapters.outbound.servicetrade.budget import Budget, Sleep
from adapters.outbound.servicetrade.calls import Calls
from adapters.outbound.servicetrade.comments import Comments
from adapters.outbound.servicetrade.completion import Completion
from adapters.outbound.servicetrade.items import ItemReading
from adapters.outbound.servicetrade.job_reading import JobReading, job_not_found
from adapters.outbound.servicetrade.sessions import Sessions
from adapters.outbound.servicetrade.transport import ANSWER_LIMIT, CONNECT_SECONDS, Request, Transport
from adapters.outbound.servicetrade.upcoming import Upcoming
from adapters.outbound.servicetrade.webhooks import Webhooks
from core.model.mappings.alias import AliasKind
from core.model.mappings.readiness import UpcomingJob
from core.model.planning.job import ChangedJob, CompletedJob, JobSnapshot
from core.model.shared.errors import BadInput, FieldError
from core.model.tenants.tenant import ServiceTradeAccount
from core.model.work_orders.item import JobItem
from ports.service_trade import RegisteredWebhook, ServiceTrade

_ID = re.compile(r"[0-9]{1,16}", re.ASCII)
_SYSTEM = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)
_SYNC_PATH = re.compile(r"(/[A-Za-z0-9_-]+)+", re.ASCII)


class AiohttpServiceTrade(ServiceTrade):
    """All tenants share one connection pool. Each tenant has its own session and budget."""

    def __init__(self, transport: Transport, sessions: Sessions, budget: Budget) -> None:
        self._sessions = sessions
        self._calls = Calls(transport, sessions, budget)
        self._jobs = JobReading(self._calls)
        self._comments = Comments(self._calls)
        self._items = ItemReading(self._calls)
        self._completion = Completion(self._calls, self._jobs)
        self._webhooks = Webhooks(self._calls)
        self._upcoming = Upcoming(self._calls)

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        *,
        timeout_seconds: float = 30.0,
        connect_seconds: float = CONNECT_SECONDS,
        ca_certificate: str | None = None,
        answer_limit: int = ANSWER_LIMIT,
        allowed_networks: Sequence[Network] = (),
        hosted: bool = False,
        sleep: Sleep = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> AsyncIterator[AiohttpServiceTrade]:
        """Keep the connections open until the block ends.

        `timeout_seconds` limits each request, `answer_limit` its answer in bytes. `ca_certificate` is a PEM text that
        is trusted in addition to the system's roots. Raises ValueError if it cannot be read. For `allowed_networks`
        and `hosted` see Egress.
        """
        transport = Transport(
            trust=tls_context(ca_certificate),
            timeout_seconds=timeout_seconds,
            connect_seconds=connect_seconds,
            answer_limit=answer_limit,
            egress=Egress(allowed_networks, hosted),
        )
        try:
            yield cls(transport, Sessions(transport, clock=clock), Budget(sleep=sleep, clock=clock))
        finally:
            await transport.close()

    async def read_job(self, account: ServiceTradeAccount, job_id: str, system: str) -> JobSnapshot:
        return await self._jobs.read(account, _checked_id(job_id), _checked_system(system))

    async def read_items(self, account: ServiceTradeAccount, job_id: str, system: str) -> Sequence[JobItem]:
        return await self._items.read(account, _checked_id(job_id), _checked_system(system))

    async def complete_job(self, account: ServiceTradeAccount, job_id: str) -> CompletedJob:
        return await self._completion.complete(account, _checked_id(job_id))

    async def completion_of(self, account: ServiceTradeAccount, job_id: str) -> CompletedJob | None:
        return await self._completion.of(account, _checked_id(job_id))

    def changed_since(self, account: ServiceTradeAccount, since: datetime) -> AsyncIterator[ChangedJob]:
        return self._completion.since(account, since)

    async def webhooks(self, account: ServiceTradeAccount) -> Sequence[RegisteredWebhook]:
        return await self._webhooks.all(account)

    async def register_webhook(self, account: ServiceTradeAccount, url: str) -> str:
        return await self._webhooks.register(account, url)

    async def remove_webhook(self, account: ServiceTradeAccount, webhook_id: str) -> None:
        await self._webhooks.remove(account, _checked_id(webhook_id, "webhook"))

    async def find_job_id(self, account: ServiceTradeAccount, number: str) -> str:
        wanted = number.strip()
        query = {"number": wanted, "status": "*"}  # without a status only scheduled jobs are listed [doc]
        what = f"to search for the job number {wanted}"
        if wanted:
            async for row in self._calls.rows(account, "/job", query, "jobs", what):
                if str(row.get("number")) == wanted and row.get("id"):
                    return str(row["id"])
        raise job_not_found(f"no job with the number {wanted}" if wanted else "no job without a number")

    def upcoming_jobs(self, account: ServiceTradeAccount) -> AsyncIterator[UpcomingJob]:
        return self._upcoming.jobs(account)

    async def read_code(self, account: ServiceTradeAccount, kind: AliasKind, record_id: str, system: str) -> str | None:
        return await self._upcoming.read_code(account, kind, _checked_id(record_id, kind), _checked_system(system))

    async def write_code(
        self, account: ServiceTradeAccount, kind: AliasKind, record_id: str, system: str, value: str
    ) -> None:
        record_id = _checked_id(record_id, kind)
        await self._upcoming.write_code(account, kind, record_id, _checked_system(system), value)

    async def write_external_id(self, account: ServiceTradeAccount, job_id: str, system: str, value: str) -> None:
        await self._upcoming.write_code(account, "job", _checked_id(job_id), _checked_system(system), value)

    async def replace_comment(self, account: ServiceTradeAccount, job_id: str, marker: str, text: str | None) -> None:
        await self._comments.replace(account, _checked_id(job_id), marker, text)

    async def set_failure_tag(self, account: ServiceTradeAccount, job_id: str, tag: str, present: bool) -> None:
        """Write all tag names of the job, if they change.
        How tags are written is [unknown]; `PUT /job/{id} {"tags": [names]}` is a guess from how they are read."""
        job = await self._jobs.record(account, _checked_id(job_id))
        others = [one.name for one in job.tags if one.name != tag]
        if present is (len(others) == len(job.tags)):
            names = [*others, tag] if present else others
            request = Request("PUT", f"/job/{job_id}", body={"tags": names})
            await self._calls.call(account, request, f"to write the tags of the job {job_id}")

    async def post_external_sync(self, account: ServiceTradeAccount, path: str, body: Mapping[str, Any]) -> None:
        """Post `body` as JSON. That the resource exists is [doc]; its path and members are [unknown]."""
        if not _SYNC_PATH.fullmatch(path):
            raise _bad("/external_sync/path", "The ExternalSync path is not valid.", "a path such as /externalsync")
        await self._calls.call(account, Request("POST", path, body=body), f"to post to {path}")

    async def check(self, account: ServiceTradeAccount) -> None:
        """Sign in again, so that a valid session does not hide a changed password."""
        await self._sessions.sign_in(account)
        await self._calls.call(account, Request("GET", "/location", {"limit": "1"}), "to read a location")


def _checked_id(record_id: str, kind: str = "job") -> str:
    if not _ID.fullmatch(record_id):
        raise _bad(f"/{kind}_id", f"That is not a ServiceTrade {kind} id.", "digits only, at most 16 of them")
    return record_id


def _checked_system(system: str) -> str:
    if not _SYSTEM.fullmatch(system):
        raise _bad("/external_system", "That is not an external system's name.", "a letter, then letters or digits")
    return system


def _bad(pointer: str, message: str, rule: str) -> BadInput:
    return BadInput(message, fix=f"Give {rule}.", errors=[FieldError(pointer, rule)])
