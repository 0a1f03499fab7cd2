"""A drain: one worker takes a connection's lease and executes its due sends in order, for a short time slice."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

import structlog

from core.model.sending.send import Lease, Send, Step
from core.model.shared.errors import LeaseLost, NotFound, SendChanged
from core.services.sending.compare_intents import CompareIntents
from core.services.sending.execute_send import ExecuteSend
from core.services.sending.steps.send_context import SendContext
from core.services.service import Dependencies, Service
from ports.storage.transactions import TenantTransaction

_log = structlog.get_logger()
_Work = tuple[SendContext, Send, Collection[Step]]
SLICE = timedelta(seconds=0.5)
TOWARDS_SERVICETRADE = (Step.WRITE_BACK, Step.REPORT)
"""The steps that continue while the connection is held, because they do not call Spectrum."""


class DrainConnection(Service):
    def __init__(self, d: Dependencies, execute_send: ExecuteSend, compare_intents: CompareIntents) -> None:
        super().__init__(d)
        self._execute_send = execute_send
        self._compare_intents = compare_intents

    async def __call__(self, connection_id: str) -> bool:
        """Returns True if the slice ended with more sends due, so that the queue takes the connection again."""
        try:
            tenant_id = await self._transactions.tenant_of(connection_id)
        except NotFound:
            return False  # removed since it was woken
        async with self._transactions.begin(tenant_id) as t:
            lease = Lease(tenant_id, connection_id, await t.connections.raise_epoch(connection_id))
            connection = await t.connections.get(connection_id)
        # A database that failed over may have lost its last commits, and so the lines sent with them.
        await self._compare_intents.check(connection)
        started = self._clock.now()
        with structlog.contextvars.bound_contextvars(tenant=tenant_id, connection_id=connection_id):
            while work := await self._next(lease):
                try:
                    await self._execute_send(*work)
                except LeaseLost:
                    _log.info("lease.lost", epoch=lease.epoch)
                    return False
                except SendChanged:
                    _log.info("send.changed")  # cancelled, retried or superseded meanwhile: read again
                if self._clock.now() - started > SLICE:
                    return True
        return False

    async def _next(self, lease: Lease) -> _Work | None:
        """The next due send with all that its execution needs; None after the next wake-up was scheduled."""
        async with self._transactions.begin(lease.tenant_id) as t:
            now = await t.now()
            connection = await t.connections.get(lease.connection_id)
            if connection.paused or (await t.tenant()).paused:
                await t.connections.set_due(connection.id, None, only_earlier=False)
                return None
            hold = connection.hold
            if hold and hold.until and hold.until <= now:
                hold = None
            steps = TOWARDS_SERVICETRADE if hold else tuple(Step)
            send = await t.sends.next_due(connection.id, now, steps=steps)
            if send is None:
                await self._schedule_next_wakeup(t, connection.id, steps, hold.until if hold else None)
                return None
            context = SendContext(lease, connection, await t.account(), await t.connections.secrets(connection.id))
            return context, send, steps

    async def _schedule_next_wakeup(
        self, t: TenantTransaction, connection_id: str, steps: Collection[Step], hold_ends: datetime | None
    ) -> None:
        """Store for the sweeper when the connection is due. The first write locks the row, so a send stored meanwhile
        is either seen by the query or sets its own time after us."""
        await t.connections.set_due(connection_id, await t.now(), only_earlier=True)
        moments = (await t.sends.earliest_due(connection_id, steps=steps), hold_ends)
        earliest = min((moment for moment in moments if moment), default=None)
        await t.connections.set_due(connection_id, earliest, only_earlier=False)
