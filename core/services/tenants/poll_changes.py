"""Poll ServiceTrade's list of changed jobs for changes that no event reported. Each one becomes a hint."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta

import structlog

from core.model.catalogue import finding
from core.model.connections.connection import Connection
from core.model.planning.job import ChangedJob, CompletedJob
from core.model.sending.send import DashboardWarning, Topic
from core.model.shared.error_words import words
from core.model.shared.errors import JobferryError, TimeMends
from core.model.shared.finding import Finding
from core.model.shared.moments import moment_words
from core.services.service import Dependencies, Service
from ports.storage.completions import PollState
from ports.storage.transactions import TenantTransaction

_log = structlog.get_logger()
_TOLD_FROM, _TOLD_FROM_IF_TIME_MENDS = 2, 4
"""Failures in a row before a warning. A failure that may pass by itself gets more of them, within two polls."""
_OF_THE_WHOLE_ACCOUNT = "ST_LOGIN_REFUSED"
"""The poll has this failure too and warns of it once, not once for each job."""
OVERLAP = timedelta(minutes=10)
"""Each poll repeats the last minutes of the one before, because the clocks of both sides differ."""
_BACK_IN_TIME = timedelta(days=7)
"""Where the last poll ended in the future, the clock was set back since. While it was ahead, polls asked for changes
since moments that had not come yet, and missed what was changed. Nobody knows how long that was; what is known already
is no news."""
_AT_ONCE = 100
"""How many jobs are looked up in one transaction."""


class WarnOfCompletions(Service):
    """Dashboard warnings about automatic sending that fails: for ServiceTrade's list of changes, or for one job."""

    async def poll_failed(
        self,
        t: TenantTransaction,
        connections: Sequence[Connection],
        failures: int,
        known_until: datetime | None,
        error: Exception,
    ) -> None:
        """Warn on every connection that acts on completions, from the second failure in a row on."""
        if failures < _TOLD_FROM:
            return
        known = f" What was completed before {moment_words(known_until)} is known." if known_until else ""
        found = finding("COMPLETIONS_STOPPED", f"{failures} times in a row: {words(error)}{known}")
        await self._put(t, connections, "", found, Topic.POLL)

    async def poll_succeeded(self, t: TenantTransaction, unnamed: str) -> None:
        """`unnamed` says what was wrong with a record that has no id; '' if there was none."""
        connections = await t.connections.all()
        for connection in connections:
            await t.warnings.clear(connection.id, "", Topic.POLL)
        if unnamed:
            message = f"ServiceTrade's list of changed jobs holds a record without an id ({unnamed})."
            fix = ("Check in ServiceTrade whether a recently completed job was not sent, and send it by hand.",)
            acting = [one for one in connections if one.acts_on_completion]
            await self._put(t, acting, "", finding("COMPLETIONS_UNREADABLE", message, fix=fix), Topic.RECORD)

    async def look_failed(
        self, t: TenantTransaction, connections: Sequence[Connection], job_id: str, failures: int, error: Exception
    ) -> None:
        told_from = _TOLD_FROM_IF_TIME_MENDS if isinstance(error, TimeMends) else _TOLD_FROM
        general = isinstance(error, JobferryError) and error.code == _OF_THE_WHOLE_ACCOUNT
        if failures < told_from or general or (await t.completions.poll()).failures:
            return
        message = f"The job {job_id}, {failures} times in a row: {words(error)}"
        await self._put(t, connections, job_id, finding("COMPLETIONS_UNREADABLE", message), Topic.POLL)

    async def _put(
        self, t: TenantTransaction, connections: Sequence[Connection], job_id: str, found: Finding, topic: Topic
    ) -> None:
        now = await t.now()
        for connection in connections:
            await t.warnings.put(
                DashboardWarning.of_connection(connection, self._ids.new("wrn"), found, now, topic, job_id)
            )
            _log.warning("completions.warned", connection=connection.slug, code=found.code, job=job_id or None)


class PollChanges(Service):
    def __init__(self, d: Dependencies, warn: WarnOfCompletions) -> None:
        super().__init__(d)
        self._warn = warn

    async def __call__(self, tenant_id: str) -> None:
        """Poll if a poll is due. After a failed poll, the next one starts from the same time."""
        async with self._transactions.begin(tenant_id) as t:
            acting = [one for one in await t.connections.all() if one.acts_on_completion]
            state, now = await t.completions.poll(), await t.now()
        if not acting or (state.due_at and state.due_at > now):
            return
        try:
            unnamed = await self._read(tenant_id, acting, _first(acting, state.until, now))
        except Exception as error:  # any error, since it would stop every later poll
            await self._failed(tenant_id, state, error)
            return
        async with self._transactions.begin(tenant_id) as t:
            await t.completions.poll_succeeded(state, now, now + self._poll_every)
            await self._warn.poll_succeeded(t, unnamed)

    async def _read(self, tenant_id: str, acting: Sequence[Connection], since: datetime) -> str:
        """Store the hints. Returns what was wrong with a record that has no id, so nobody can look it up; else ''."""
        async with self._transactions.begin(tenant_id) as t:
            account = await t.account()
        unnamed = ""
        async for jobs in _batches(self._service_trade.changed_since(account, since - OVERLAP)):
            async with self._transactions.begin(tenant_id) as t:
                now = await t.now()
                for job in jobs:
                    if not job.id:
                        unnamed = job.unreadable
                    elif await _is_news(t, acting, job, self._retention.completions_since(now)):
                        await t.completions.add_change(job.id, now)
        return unnamed

    async def _failed(self, tenant_id: str, state: PollState, error: Exception) -> None:
        if isinstance(error, JobferryError):
            _log.warning("poll.failed", tenant=tenant_id, code=error.code, reason=error.message)
        else:
            _log.exception("poll.failed", tenant=tenant_id, exc_info=error)
        async with self._transactions.begin(tenant_id) as t:
            failures = await t.completions.poll_failed(state, await t.now() + self._poll_every)
            acting = [one for one in await t.connections.all() if one.acts_on_completion]
            await self._warn.poll_failed(t, acting, failures, state.until, error)


def wanted(connection: Connection, completion: CompletedJob, remembered_since: datetime | None) -> bool:
    """Whether this completion triggers a send. One from before the start date does not, nor one that is so old that we
    do not remember whether it has triggered one."""
    if completion.completed_on is None:
        return True
    if remembered_since and completion.completed_on < remembered_since:
        return False
    start = connection.completion_start_date
    # ServiceTrade gives whole seconds.
    return start is None or completion.completed_on >= start.replace(microsecond=0)


def _first(acting: Sequence[Connection], until: datetime | None, now: datetime) -> datetime:
    """The start of the poll's period. Changes before the first start date cannot trigger anything."""
    starts = [one.completion_start_date for one in acting]
    first = min((start for start in starts if start), default=now)
    if until is None:
        return first
    if until > now + OVERLAP:
        until = now - _BACK_IN_TIME
    return until if None in starts else max(until, first)


async def _is_news(
    t: TenantTransaction, acting: Sequence[Connection], job: ChangedJob, remembered_since: datetime | None
) -> bool:
    """Whether the job needs a hint: a completion to send, a reopening to note, or a record to read by itself."""
    if job.unreadable:
        return True
    if job.completion is None:
        return any(not one.reopened for one in await t.completions.of_job(job.id))
    moment = job.completion.completed_on
    waiting = [one for one in acting if wanted(one, job.completion, remembered_since)]
    return not all([await t.completions.known(one.id, job.id, moment) for one in waiting])


async def _batches(jobs: AsyncIterator[ChangedJob]) -> AsyncIterator[Sequence[ChangedJob]]:
    """Batches sorted by id, so that two processes that store several hints at once cannot deadlock."""
    batch: list[ChangedJob] = []
    async for job in jobs:
        batch.append(job)
        if len(batch) == _AT_ONCE:
            yield sorted(batch, key=_id)
            batch = []
    yield sorted(batch, key=_id)


def _id(job: ChangedJob) -> str:
    return job.id
