"""Poll: what no event told us is found in ServiceTrade's list of changed jobs, and becomes a hint."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta

import structlog

from core.model.connections.connection import Connection
from core.model.planning.job import ChangedJob, CompletedJob
from core.model.shared.errors import JobferryError
from core.services.tenants.warn_of_completions import WarnOfCompletions
from ports.service_trade import ServiceTrade
from ports.storage.completions import PollState
from ports.storage.transactions import TenantTransaction, Transactions

_log = structlog.get_logger()
OVERLAP = timedelta(minutes=10)
"""A poll asks again for the last minutes of the one before: the clocks of both sides differ."""
_AT_ONCE = 100
"""Jobs looked up in one transaction."""


class PollChanges:
    def __init__(
        self, transactions: Transactions, service_trade: ServiceTrade, warn: WarnOfCompletions, every: timedelta
    ) -> None:
        self._transactions = transactions
        self._service_trade = service_trade
        self._warn = warn
        self._every = every

    async def __call__(self, tenant_id: str) -> None:
        """If a poll is due. One that fails is made up for by the next, which asks from the same moment on."""
        async with self._transactions.begin(tenant_id) as t:
            acting = [one for one in await t.connections.all() if one.acts_on_completion]
            state, now = await t.poll_schedule.poll(), await t.now()
        if not acting or (state.due_at and state.due_at > now):
            return
        try:
            unnamed = await self._read(tenant_id, acting, _first(acting, state.until, now))
        except Exception as error:  # whatever it is, it would stand in the way of every poll to come
            await self._failed(tenant_id, state, error)
            return
        async with self._transactions.begin(tenant_id) as t:
            await t.poll_schedule.poll_succeeded(state, now, now + self._every)
            await self._warn.poll_succeeded(t, unnamed)

    async def _read(self, tenant_id: str, acting: Sequence[Connection], since: datetime) -> str:
        """Gives what was wrong with a record that nobody can look up, since it has no id."""
        async with self._transactions.begin(tenant_id) as t:
            account = await t.account()
        unnamed = ""
        async for jobs in _batches(self._service_trade.changed_since(account, since - OVERLAP)):
            async with self._transactions.begin(tenant_id) as t:
                now = await t.now()
                for job in jobs:
                    if not job.id:
                        unnamed = job.unreadable
                    elif await _is_news(t, acting, job):
                        await t.job_changes.add(job.id, now)
        return unnamed

    async def _failed(self, tenant_id: str, state: PollState, error: Exception) -> None:
        if isinstance(error, JobferryError):
            _log.warning("poll.failed", tenant=tenant_id, code=error.code, reason=error.message)
        else:
            _log.exception("poll.failed", tenant=tenant_id, exc_info=error)
        async with self._transactions.begin(tenant_id) as t:
            failures = await t.poll_schedule.poll_failed(state, await t.now() + self._every)
            acting = [one for one in await t.connections.all() if one.acts_on_completion]
            await self._warn.poll_failed(t, acting, failures, state.until, error)


def wanted(connection: Connection, completion: CompletedJob) -> bool:
    """Whether this completion sets something off: jobs completed before the start date are not pushed."""
    start = connection.completion_start_date
    # ServiceTrade tells whole seconds.
    return start is None or completion.completed_on is None or completion.completed_on >= start.replace(microsecond=0)


def _first(acting: Sequence[Connection], until: datetime | None, now: datetime) -> datetime:
    """From when on changes are asked for: none before the first start can set anything off."""
    starts = [one.completion_start_date for one in acting]
    first = min((start for start in starts if start), default=now)
    if until is None:
        return first
    return until if None in starts else max(until, first)


async def _is_news(t: TenantTransaction, acting: Sequence[Connection], job: ChangedJob) -> bool:
    """Whether a hint to it leads to anything: a completion to send, a reopening to note, a record to look at singly."""
    if job.unreadable:
        return True
    if job.completion is None:
        return any(not one.reopened for one in await t.completions.of_job(job.id))
    moment = job.completion.completed_on
    waiting = [one for one in acting if wanted(one, job.completion)]
    return not all([await t.completions.known(one.id, job.id, moment) for one in waiting])


async def _batches(jobs: AsyncIterator[ChangedJob]) -> AsyncIterator[Sequence[ChangedJob]]:
    """By id, so that whoever else stores several hints at once waits rather than deadlocks."""
    batch: list[ChangedJob] = []
    async for job in jobs:
        batch.append(job)
        if len(batch) == _AT_ONCE:
            yield sorted(batch, key=_id)
            batch = []
    yield sorted(batch, key=_id)


def _id(job: ChangedJob) -> str:
    return job.id
