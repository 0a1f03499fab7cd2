"""Read one send: its details, each new state of it, or its state when it rests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zlib import crc32

from core.model.connections.connection import Connection
from core.model.sending.outcome_words import outcome_words
from core.model.sending.progress import AnnotationProgress, Progress, annotations_of, progress_of
from core.model.sending.send import Attempt, Send, SendState
from core.model.work_orders.cost_line import LedgerLine
from core.model.work_orders.work_order import WorkOrderRecord
from core.services.service import Dependencies, Service
from ports.change_feed import send_topic
from ports.storage.transactions import TenantTransaction

MOST_ATTEMPTS = 50


@dataclass(frozen=True, slots=True)
class SendDetails:
    """One send with its connection, cost lines and newest attempts, of which the oldest comes first. `more_attempts`:
    there are older ones. `replayed`: the answer to a repeated request, which stored nothing."""

    send: Send
    connection: Connection
    attempts: Sequence[Attempt]
    lines: Sequence[LedgerLine] = ()
    more_attempts: bool = False
    replayed: bool = False
    annotations: Sequence[AnnotationProgress] = ()

    @property
    def progress(self) -> Progress:
        return progress_of(self.send, self.lines)

    @property
    def outcome(self) -> str:
        """The outcome in words."""
        return outcome_words(self.send, self.progress, self.connection.name)


class ShowSend(Service):
    async def __call__(self, tenant_id: str, send_id: str, *, attempts: bool = True) -> SendDetails:
        """Without `attempts`, they are not read. Raises NotFound."""
        async with self._transactions.begin(tenant_id) as t:
            send = await t.sends.get(send_id)
            lines = await t.ledger.of_send(send_id)
            tried = await t.sends.attempts(send_id, limit=MOST_ATTEMPTS + 1) if attempts else ()
            return SendDetails(
                send,
                (await t.connections.get(send.connection_id)).shown_at(self._clock.now()),
                tried[:MOST_ATTEMPTS][::-1],
                # Of former plans, only lines that are or may be in Spectrum.
                [line for line in lines if line.takes_place or line.plan_id == send.plan_id],
                more_attempts=len(tried) > MOST_ATTEMPTS,
                annotations=annotations_of(send, await self._record(t, send)),
            )

    async def _record(self, t: TenantTransaction, send: Send) -> WorkOrderRecord | None:
        """Our record of the work order. It is not read for a send without annotations."""
        if not send.plan or not send.plan.annotations:
            return None
        return await t.work_orders.find(send.connection_id, send.job_id)


@dataclass(frozen=True, slots=True)
class SendUpdate:
    """`mark` identifies this state; pass it as `seen` to wait for the next one. After `last` there is no other."""

    mark: str
    details: SendDetails
    last: bool


class FollowSend(Service):
    """The news of a send and of its cost lines. An update is the whole state, not a change."""

    def __init__(self, d: Dependencies) -> None:
        super().__init__(d)
        self._show = ShowSend(d)

    async def __call__(self, tenant_id: str, send_id: str, *, seen: str = "") -> SendUpdate | None:
        """Return the state, or None if its mark is `seen`.

        A last state is returned also if it was seen, so that the caller knows that it is the last. Raises NotFound.
        """
        shown = await self._show(tenant_id, send_id)
        mark, last = _mark(shown.send, shown.lines), _is_last(shown.send)
        return SendUpdate(mark, shown, last) if mark != seen or last else None

    async def watch(self, tenant_id: str, send_id: str, seconds: float) -> None:
        """Have `send_topic(send_id)` told of every later change, for `seconds`. Raises NotFound."""
        async with self._transactions.begin(tenant_id) as t:
            await t.sends.watch(send_id, seconds)


def _mark(send: Send, lines: Sequence[LedgerLine]) -> str:
    states = ",".join(f"{line.id}:{line.state.value}:{line.attempt_id}" for line in lines)
    return f"{send.version}-{crc32(states.encode()):08x}"


def _is_last(send: Send) -> bool:
    return send.state.finished and send.due_at is None


class WaitForSend(Service):
    """Wait until a send rests: it has ended, or it waits for a later try or for a person."""

    async def __call__(
        self, tenant_id: str, send_id: str, seconds: float, *, tell: Callable[[Send], None] = lambda _: None
    ) -> Send:
        """The send as it is when it rests, or after `seconds`, or when the process stops. `tell` is called with each
        state until then. Raises NotFound."""
        clock = asyncio.get_running_loop().time
        until = clock() + seconds
        with self._change_feed.subscribe(send_topic(send_id)) as changes:
            unwatched: str | None = send_id
            while True:
                async with self._transactions.begin(tenant_id) as t:
                    if unwatched:
                        await t.sends.watch(unwatched, seconds)
                    send = await t.sends.get(send_id)
                    # A send that waits for another one rests only when that one does, since it continues right after.
                    behind = send.waits_for if send.due_at is None else None
                    moving = await t.sends.get(behind) if behind else send
                tell(send)
                if self._rests(moving) or clock() >= until or changes.ended:
                    return send
                unwatched = moving.id if changes.add(send_topic(moving.id)) else None
                if not unwatched:
                    await changes.next(until - clock())

    def _rests(self, send: Send) -> bool:
        """Whether nothing happens soon: the send is closed, or its next try is in the future."""
        if send.due_at is None:
            return True
        later = send.due_at > self._clock.now()
        return later and send.state in (SendState.RETRYING, SendState.NEEDS_ATTENTION, SendState.IN_DOUBT)
