"""A drain: one worker takes a connection's lease and executes its due sends in order, for a short time slice.

New sites and customers that are due come first: sends wait for them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime

import structlog

from core.model.sending.send import Lease, Send, Step
from core.model.shared.errors import ConnectionChanged, LeaseLost, NotFound, SendChanged
from core.services.sending.compare_intents import CompareIntents
from core.services.sending.endpoint_gate import Admission, EndpointGate
from core.services.sending.execute_send import ExecuteSend
from core.services.sending.steps.send_context import SendContext
from core.services.sending.store_outcome import Turn
from core.services.service import Dependencies, Service
from ports.storage.send_changes import DueSend, PlanInput

_log = structlog.get_logger()
SLICE_SECONDS = 0.5
TOWARDS_SERVICETRADE = (Step.WRITE_BACK, Step.REPORT)
"""The steps that continue while the connection is held, because they do not call Spectrum."""


CarryOutCreations = Callable[[Lease, DueSend, Admission, Callable[[], bool]], Awaitable[None]]
"""Carries out the connection's due creations until the slice is over. May raise LeaseLost and TimeMends."""


@dataclass(frozen=True, slots=True)
class _Work:
    context: SendContext
    send: Send
    steps: Collection[Step]


class DrainConnection(Service):
    def __init__(
        self,
        d: Dependencies,
        gate: EndpointGate,
        execute_send: ExecuteSend,
        compare_intents: CompareIntents,
        carry_out_creations: CarryOutCreations,
    ) -> None:
        super().__init__(d)
        self._gate = gate
        self._execute_send = execute_send
        self._compare_intents = compare_intents
        self._carry_out_creations = carry_out_creations

    async def __call__(
        self, connection_id: str, *, tenant_id: str | None = None, give_way: Callable[[], bool] = lambda: True
    ) -> bool:
        """Returns True if the slice ended with more sends due, so that the queue takes the connection again.

        `tenant_id` is the connection's, None if the caller does not know it. `give_way` is asked once the slice is
        over, after every call to a remote system: whether others wait for their turn, or the worker stops.
        """
        slice_over = self._begin_slice(SLICE_SECONDS)

        def over() -> bool:
            return slice_over() and give_way()

        try:
            tenant_id = tenant_id or await self._transactions.tenant_of(connection_id)
            first = await self._transactions.take(tenant_id, connection_id, tuple(Step))
        except NotFound:
            return False  # removed since it was woken
        # A database that failed over may have lost its last commits, and so the lines sent with them.
        await self._compare_intents.check(first.connection)
        lease = Lease(tenant_id, connection_id, first.epoch)
        with (
            structlog.contextvars.bound_contextvars(tenant=tenant_id, connection_id=connection_id),
            self._gate.admission(connection_id) as admission,
        ):
            if first.creation_due:
                try:
                    await self._carry_out_creations(lease, first, admission, over)
                except LeaseLost:
                    _log.info("lease.lost", epoch=lease.epoch)
                    return False
                if over():
                    return True
            known = None if first.creation_due else _work(first, lease, admission)  # it was read before them
            work = known or await self._look(lease, admission)
            while work:
                if over():
                    return True
                try:
                    work = await self._execute(work, over)
                except LeaseLost:
                    _log.info("lease.lost", epoch=lease.epoch)
                    return False
                except (SendChanged, ConnectionChanged) as changed:
                    # Cancelled, retried, superseded; or paused, held, given another address meanwhile: read again.
                    _log.info("send.changed", reason=changed.message)
                    work = await self._look(lease, admission)
        return False

    async def _execute(self, work: _Work, over: Callable[[], bool]) -> _Work | None:
        """Execute a send; return the next one, which was read in the transaction that ended this one."""
        lease, admission = work.context.lease, work.context.admission
        turn = Turn(over, take=tuple(Step))
        ended = await self._execute_send(work.context, work.send, work.steps, turn)
        if ended.due and over():
            return work  # its next step is in the next slice
        return (ended.following and _work(ended.following, lease, admission)) or await self._look(lease, admission)

    async def _look(self, lease: Lease, admission: Admission) -> _Work | None:
        """The next due send; None after the next wake-up was scheduled for the sweeper."""
        async with self._transactions.resting(lease.tenant_id, lease.connection_id, tuple(Step)) as (changes, due):
            if work := _work(due, lease, admission):
                return work
            if _paused(due):
                await changes.rest(lease.connection_id, ())
                return None
            steps, waits_until = _steps(due, admission)
            if steps is TOWARDS_SERVICETRADE:
                towards = await changes.next_due(lease.connection_id, steps)
                if work := _work(towards, lease, admission):
                    return work
            await changes.rest(lease.connection_id, steps, waits_until)
        return None


def _steps(due: DueSend, admission: Admission) -> tuple[Collection[Step], datetime | None]:
    """The steps that may be executed now, and when the others may be tried again, if that is known."""
    if hold := due.connection.hold_at(due.now):
        return TOWARDS_SERVICETRADE, hold.until
    if turned_away := admission.turned_away:
        return TOWARDS_SERVICETRADE, due.now + turned_away.wait
    return tuple(Step), None


def _paused(due: DueSend) -> bool:
    return due.tenant.paused or due.connection.paused


def _work(due: DueSend, lease: Lease, admission: Admission) -> _Work | None:
    """The due send with what its execution needs; None if it must not be executed now."""
    steps, _ = _steps(due, admission)
    if due.send is None or due.send.step not in steps or _paused(due):
        return None
    known = PlanInput(
        tenant=due.tenant,
        account=due.account,
        connection=due.connection,
        aliases=due.aliases,
        lists=due.lists,
        record=due.record,
    )
    context = SendContext(lease, due.connection, due.account, due.secrets, admission, known)
    return _Work(context, due.send, steps)
