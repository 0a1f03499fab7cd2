"""Completions: find completed jobs by hints and by the poll, and send each completion once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from core.model.connections.connection import Connection
from core.model.connections.settings import OnCompletion
from core.model.planning.job import CompletedJob
from core.model.sending.send import COMPLETION, Send, SendState, Topic
from core.model.shared.errors import JobferryError, NotFound, TimeMends
from core.model.work_orders.cost_line import ItemsMode
from core.services.service import Dependencies, Service
from core.services.tenants.poll_changes import PollChanges, WarnOfCompletions, wanted
from ports.storage.completions import CompletionNews, JobChange, RecordedCompletion
from ports.storage.transactions import TenantTransaction

_log = structlog.get_logger()
_OPEN = tuple(state for state in SendState if not state.settled)
_OWN_SEND_PAUSE = timedelta(minutes=15)
"""The pause before a job that one of our own sends completes is checked again."""


@dataclass(frozen=True, slots=True)
class _DueChange:
    """`seen`: the job's completions that were recorded before the job was read."""

    change: JobChange
    seen: Sequence[RecordedCompletion]


class SyncCompletions(Service):
    def __init__(self, d: Dependencies, poll_changes: PollChanges, warn: WarnOfCompletions) -> None:
        super().__init__(d)
        self._poll_changes = poll_changes
        self._warn = warn

    async def __call__(self, tenant_id: str) -> None:
        """Process what is due for one tenant, for a short time slice, then store when it is due next. Any part may
        safely run twice."""
        await self._poll_changes(tenant_id)
        over = self._begin_slice()
        while not over() and (due := await self._next(tenant_id)):
            try:
                await self._follow(tenant_id, due)
            except Exception as error:  # one job must not block the others
                await self._postpone(tenant_id, due.change, error)
        await self._schedule_next_wakeup(tenant_id)

    async def _next(self, tenant_id: str) -> _DueChange | None:
        async with self._transactions.begin(tenant_id) as t:
            change = await t.completions.next_change(await t.now())
            return _DueChange(change, await t.completions.of_job(change.job_id)) if change else None

    async def _follow(self, tenant_id: str, due: _DueChange) -> None:
        change = due.change
        async with self._transactions.begin(tenant_id) as t:
            looked = bool(await _acting(t))
            account = await t.account() if looked else None
        job: CompletedJob | None = None
        try:
            if account:
                job = await self._service_trade.completion_of(account, change.job_id)
        except NotFound:
            looked = False
            _log.info("job_change.job_gone", tenant=tenant_id, job=change.job_id)
        async with self._transactions.begin(tenant_id) as t:
            waits = False
            if job:
                for connection in await _acting(t):  # as they are now: a trigger may have been switched off meanwhile
                    waits |= not await self._send_once(t, connection, job)
            elif looked:
                await t.completions.reopened(change.job_id, due.seen)
            if change.tries:
                for connection in await t.connections.all():
                    await t.warnings.clear(connection.id, change.job_id, Topic.POLL)
            if waits:
                await t.completions.postpone(change, await t.now() + _OWN_SEND_PAUSE, failed=False)
            else:
                await t.completions.checked(change)

    async def _send_once(self, t: TenantTransaction, connection: Connection, job: CompletedJob) -> bool:
        """Returns False if one of our own sends completes this job. It records that, or we do so after its end."""
        if not wanted(connection, job, self._retention.completions_since(await t.now())):
            return True
        if await t.completions.known(connection.id, job.id, job.completed_on):
            return True
        open_sends = await t.sends.of_job(connection.id, job.id, _OPEN)
        if any(send.completes for send in open_sends):
            return False
        news = await t.completions.record(connection.id, job.id, job.completed_on)
        if not news:
            return True
        now = await t.now()
        send = await t.sends.add(
            Send(
                id=self._ids.new("snd"),
                tenant_id=connection.tenant_id,
                connection_id=connection.id,
                job_id=job.id,
                requested_at=now,
                requested_by=COMPLETION,
                due_at=now,
                items=_items(connection, news),
            )
        )
        await t.connections.wake(connection.id, now)
        _log.info("completion.sent", tenant=send.tenant_id, connection=connection.slug, send=send.id, job=job.id)
        return True

    async def _postpone(self, tenant_id: str, change: JobChange, error: Exception) -> None:
        failures = change.tries + 1
        asked = error.retry_after if isinstance(error, TimeMends) else None
        pause = timedelta(seconds=max(asked, 1.0)) if asked else self._delays.held(failures)
        async with self._transactions.begin(tenant_id) as t:
            await t.completions.postpone(change, await t.now() + pause)
            await self._warn.look_failed(t, await _acting(t), change.job_id, failures, error)
        if isinstance(error, JobferryError):
            _log.warning(
                "job_change.postponed", tenant=tenant_id, job=change.job_id, code=error.code, reason=error.message
            )
        else:
            _log.exception("job_change.postponed", tenant=tenant_id, job=change.job_id, exc_info=error)

    async def _schedule_next_wakeup(self, tenant_id: str) -> None:
        """The first write locks the row: a change stored meanwhile is seen here, or sets its own time after us."""
        async with self._transactions.begin(tenant_id) as t:
            now = await t.now()
            await t.completions.set_due(now, only_earlier=True)
            poll_at = ((await t.completions.poll()).due_at or now) if await _acting(t) else None
            moments = [await t.completions.earliest_change(), poll_at]
            await t.completions.set_due(min((one for one in moments if one), default=None), only_earlier=False)


async def _acting(t: TenantTransaction) -> Sequence[Connection]:
    return [one for one in await t.connections.all() if one.acts_on_completion]


def _items(connection: Connection, news: CompletionNews) -> ItemsMode:
    """A second set is sent automatically only if the job was seen open in between: a new date is no new completion."""
    if connection.on_completion is not OnCompletion.SEND_WITH_ITEMS:
        return ItemsMode.NONE
    if connection.items_on_resend is ItemsMode.AGAIN and news is not CompletionNews.REOPENED:
        return ItemsMode.NEW_ONLY
    return connection.items_on_resend
