"""Completions: follows hints, and a poll beside them, to completed jobs and sends each completion once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from core.model.connections.connection import Connection, OnCompletion
from core.model.planning.job import CompletedJob
from core.model.sending.send import COMPLETION, Send, SendState, Topic
from core.model.shared.errors import JobferryError, NotFound, TimeMends
from core.model.shared.retry_delays import RetryDelays
from core.model.work_orders.cost_line import ItemsMode
from core.services.tenants.poll_changes import PollChanges, wanted
from core.services.tenants.warn_of_completions import WarnOfCompletions
from ports.completions import CompletionNews, Hint, RecordedCompletion
from ports.ids import Ids
from ports.service_trade import ServiceTrade
from ports.transactions import TenantTransaction, Transactions

_log = structlog.get_logger()
_OPEN = tuple(state for state in SendState if not state.settled)
_OWN_SEND_PAUSE = timedelta(minutes=15)
"""Before a job that one of our own sends completes is looked at again."""


@dataclass(frozen=True, slots=True)
class _DueHint:
    """`seen`: which completions of its job had acted before the job was looked at."""

    hint: Hint
    seen: Sequence[RecordedCompletion]


class FollowCompletions:
    def __init__(
        self,
        transactions: Transactions,
        service_trade: ServiceTrade,
        poll_changes: PollChanges,
        warn: WarnOfCompletions,
        ids: Ids,
        delays: RetryDelays,
    ) -> None:
        self._transactions = transactions
        self._service_trade = service_trade
        self._poll_changes = poll_changes
        self._warn = warn
        self._ids = ids
        self._delays = delays

    async def __call__(self, tenant_id: str) -> None:
        """Work off what is due for one tenant, then leave word when to come back. Any part may run twice."""
        await self._poll_changes(tenant_id)
        while due := await self._next(tenant_id):
            try:
                await self._follow(tenant_id, due)
            except Exception as error:  # no job may stand in the way of the others
                await self._postpone(tenant_id, due.hint, error)
        await self._rest(tenant_id)

    async def _next(self, tenant_id: str) -> _DueHint | None:
        async with self._transactions.begin(tenant_id) as t:
            hint = await t.hints.next_due(await t.now())
            return _DueHint(hint, await t.completions.of_job(hint.job_id)) if hint else None

    async def _follow(self, tenant_id: str, due: _DueHint) -> None:
        hint = due.hint
        async with self._transactions.begin(tenant_id) as t:
            looked = bool(await _acting(t))
            account = await t.account() if looked else None
        job: CompletedJob | None = None
        try:
            if account:
                job = await self._service_trade.completion_of(account, hint.job_id)
        except NotFound:
            looked = False
            _log.info("hint.job_gone", tenant=tenant_id, job=hint.job_id)
        async with self._transactions.begin(tenant_id) as t:
            waits = False
            if job:
                for connection in await _acting(t):  # as they are now: a trigger may have been switched off meanwhile
                    waits |= not await self._send_once(t, connection, job)
            elif looked:
                await t.completions.reopened(hint.job_id, due.seen)
            if hint.tries:
                for connection in await t.connections.all():
                    await t.warnings.clear(connection.id, hint.job_id, Topic.POLL)
            if waits:
                await t.hints.postpone(hint, await t.now() + _OWN_SEND_PAUSE, failed=False)
            else:
                await t.hints.done(hint)

    async def _send_once(self, t: TenantTransaction, connection: Connection, job: CompletedJob) -> bool:
        """False: one of our own sends completes this job. It records that itself; should it end without, we do."""
        if not wanted(connection, job):
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
        await t.connections.set_due(connection.id, now, only_earlier=True)
        await t.queue.wake(connection.id)
        _log.info("completion.sent", tenant=send.tenant_id, connection=connection.slug, send=send.id, job=job.id)
        return True

    async def _postpone(self, tenant_id: str, hint: Hint, error: Exception) -> None:
        failures = hint.tries + 1
        asked = error.retry_after if isinstance(error, TimeMends) else None
        pause = timedelta(seconds=max(asked, 1.0)) if asked else self._delays.held(failures)
        async with self._transactions.begin(tenant_id) as t:
            await t.hints.postpone(hint, await t.now() + pause)
            await self._warn.look_failed(t, await _acting(t), hint.job_id, failures, error)
        if isinstance(error, JobferryError):
            _log.warning("hint.postponed", tenant=tenant_id, job=hint.job_id, code=error.code, reason=error.message)
        else:
            _log.exception("hint.postponed", tenant=tenant_id, job=hint.job_id, exc_info=error)

    async def _rest(self, tenant_id: str) -> None:
        """Touching the row first locks it, so a hint stored meanwhile is either seen here or sets the moment after
        us."""
        async with self._transactions.begin(tenant_id) as t:
            now = await t.now()
            await t.watch.set_due(now, only_earlier=True)
            poll_at = ((await t.watch.poll()).due_at or now) if await _acting(t) else None
            moments = [await t.hints.earliest(), poll_at]
            await t.watch.set_due(min((one for one in moments if one), default=None), only_earlier=False)


async def _acting(t: TenantTransaction) -> Sequence[Connection]:
    return [one for one in await t.connections.all() if one.acts_on_completion]


def _items(connection: Connection, news: CompletionNews) -> ItemsMode:
    """A second set goes by itself only where the job was seen open in between: another date makes no completion."""
    if connection.on_completion is not OnCompletion.SEND_WITH_ITEMS:
        return ItemsMode.NONE
    if connection.items_on_resend is ItemsMode.AGAIN and news is not CompletionNews.REOPENED:
        return ItemsMode.NEW_ONLY
    return connection.items_on_resend
