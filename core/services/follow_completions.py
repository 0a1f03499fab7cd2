"""Completions: follows hints, and a poll beside them, to completed jobs and sends each completion once."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from core.model.connection import Connection, OnCompletion
from core.model.cost_line import ItemsMode
from core.model.errors import JobferryError, NotFound, TimeMends
from core.model.job import CompletedJob
from core.model.retry_delays import RetryDelays
from core.model.send import COMPLETION, Send, SendState
from core.model.tenant import ServiceTradeAccount
from ports.clock import Clock
from ports.completions import Hint
from ports.ids import Ids
from ports.service_trade import ServiceTrade
from ports.transactions import TenantTransaction, Transactions

_log = structlog.get_logger()
OVERLAP = timedelta(minutes=10)
"""A poll asks again for the last minutes of the one before: the clocks of both sides differ."""
_OPEN = tuple(state for state in SendState if not state.settled)


class FollowCompletions:
    def __init__(
        self,
        transactions: Transactions,
        service_trade: ServiceTrade,
        clock: Clock,
        ids: Ids,
        delays: RetryDelays,
        poll_every: timedelta,
    ) -> None:
        self._transactions = transactions
        self._service_trade = service_trade
        self._clock = clock
        self._ids = ids
        self._delays = delays
        self._poll_every = poll_every

    async def __call__(self, tenant_id: str) -> None:
        """Work off what is due for one tenant, then leave word when to come back. Any part may run twice."""
        async with self._transactions.begin(tenant_id) as t:
            connections = [one for one in await t.connections.all() if one.on_completion is not OnCompletion.OFF]
            account = await t.account()
            polled = await t.watch.polled()
        if connections and (polled is None or self._clock.now() - polled >= self._poll_every):
            await self._poll(account, connections, polled)
        while hint := await self._next_hint(tenant_id):
            await self._follow(account, connections, hint)
        await self._rest(tenant_id, polling=bool(connections))

    async def _poll(
        self, account: ServiceTradeAccount, connections: list[Connection], polled: datetime | None
    ) -> None:
        """What no event told us. A failed poll is made up for by the next one, which asks from the same moment on."""
        started = self._clock.now()
        starts = [one.completion_start_date for one in connections if one.completion_start_date]
        since = polled or min(starts, default=started)
        try:
            async for job in self._service_trade.completed_since(account, since - OVERLAP):
                await self._hint(account.tenant_id, connections, job)
        except JobferryError as error:
            _log.warning("poll.failed", tenant=account.tenant_id, code=error.code, reason=error.message)
            return
        async with self._transactions.begin(account.tenant_id) as t:
            await t.watch.set_polled(started)

    async def _hint(self, tenant_id: str, connections: list[Connection], job: CompletedJob) -> None:
        async with self._transactions.begin(tenant_id) as t:
            for connection in connections:
                if _wanted(connection, job) and not await t.completions.known(
                    connection.id, job.id, job.completed_on
                ):
                    await t.hints.add(job.id, self._clock.now())
                    return

    async def _next_hint(self, tenant_id: str) -> Hint | None:
        async with self._transactions.begin(tenant_id) as t:
            return await t.hints.next_due(self._clock.now())

    async def _follow(self, account: ServiceTradeAccount, connections: list[Connection], hint: Hint) -> None:
        job: CompletedJob | None = None
        try:
            if connections:
                job = await self._service_trade.completion_of(account, hint.job_id)
        except NotFound:
            _log.info("hint.job_gone", tenant=account.tenant_id, job=hint.job_id)
        except JobferryError as error:
            await self._postpone(account.tenant_id, hint, error)
            return
        async with self._transactions.begin(account.tenant_id) as t:
            if job:
                for connection in connections:
                    await self._send_once(t, connection, job)
            await t.hints.done(hint)

    async def _send_once(self, t: TenantTransaction, connection: Connection, job: CompletedJob) -> None:
        if not _wanted(connection, job):
            return
        open_sends = await t.sends.of_job(connection.id, job.id, _OPEN)
        if any(send.completes for send in open_sends):
            return  # our own completion: that send records it itself
        if not await t.completions.record(connection.id, job.id, job.completed_on):
            return
        now = self._clock.now()
        with_items = connection.on_completion is OnCompletion.SEND_WITH_ITEMS
        send = await t.sends.add(
            Send(
                id=self._ids.new("snd"),
                tenant_id=connection.tenant_id,
                connection_id=connection.id,
                job_id=job.id,
                requested_at=now,
                requested_by=COMPLETION,
                due_at=now,
                items=connection.items_on_resend if with_items else ItemsMode.NONE,
            )
        )
        await t.connections.set_due(connection.id, now, only_earlier=True)
        await t.queue.wake(connection.id)
        _log.info("completion.sent", tenant=send.tenant_id, connection=connection.slug, send=send.id, job=job.id)

    async def _postpone(self, tenant_id: str, hint: Hint, error: JobferryError) -> None:
        asked = error.retry_after if isinstance(error, TimeMends) else None
        pause = timedelta(seconds=max(asked, 1.0)) if asked else self._delays.held(hint.tries + 1)
        async with self._transactions.begin(tenant_id) as t:
            await t.hints.postpone(hint, self._clock.now() + pause)
        _log.warning("hint.postponed", tenant=tenant_id, job=hint.job_id, code=error.code, reason=error.message)

    async def _rest(self, tenant_id: str, *, polling: bool) -> None:
        """Touching the row first locks it, so a hint stored meanwhile is either seen here or sets the moment after
        us."""
        now = self._clock.now()
        async with self._transactions.begin(tenant_id) as t:
            await t.watch.set_due(now, only_earlier=True)
            moments = [await t.hints.earliest(), now + self._poll_every if polling else None]
            await t.watch.set_due(min((one for one in moments if one), default=None), only_earlier=False)


def _wanted(connection: Connection, job: CompletedJob) -> bool:
    """Whether this completion sets something off: jobs completed before the start date are not pushed."""
    start = connection.completion_start_date
    # ServiceTrade tells whole seconds.
    return start is None or job.completed_on is None or job.completed_on >= start.replace(microsecond=0)
