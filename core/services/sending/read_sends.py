"""Read sends: a page of them, one with its details, each new state of one, or one that rests."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from zlib import crc32

from core.model.connections.connection import Connection
from core.model.sending.send import Attempt, Send, SendState
from core.model.work_orders.cost_line import LedgerLine
from core.services.service import Dependencies, Service

MOST_ATTEMPTS = 50
_FOLLOWED_EVERY, _WAITED_FOR_EVERY = 0.25, 0.1
"""Seconds between two looks at a send."""


@dataclass(frozen=True, slots=True)
class SendPage:
    """`next_before` is the `before` of the next page, None at the end; `slugs` are by connection id."""

    sends: Sequence[Send]
    slugs: dict[str, str]
    next_before: int | None


class ListSends(Service):
    """Sends, newest first, a page at a time."""

    async def __call__(
        self,
        tenant_id: str,
        *,
        states: Collection[SendState] = (),
        connection: str | None = None,
        job_id: str | None = None,
        batch_id: str | None = None,
        limit: int = 50,
        before: int | None = None,
    ) -> SendPage:
        """`connection` is a slug; raises NotFound if it is unknown."""
        async with self._transactions.begin(tenant_id) as t:
            slugs = {c.id: c.slug for c in await t.connections.all()}
            connection_id = (await t.connections.by_slug(connection)).id if connection else None
            found = await t.sends.page(
                states=states,
                connection_id=connection_id,
                job_id=job_id,
                batch_id=batch_id,
                limit=limit + 1,
                before=before,
            )
        more = len(found) > limit
        page = found[:limit]
        return SendPage(page, slugs, page[-1].seq if more else None)


@dataclass(frozen=True, slots=True)
class SendDetails:
    """One send with its connection, cost lines and newest attempts, of which the oldest comes first. `more_attempts`:
    there are older ones."""

    send: Send
    connection: Connection
    attempts: Sequence[Attempt]
    lines: Sequence[LedgerLine] = ()
    more_attempts: bool = False


class ShowSend(Service):
    async def __call__(self, tenant_id: str, send_id: str) -> SendDetails:
        """Raises NotFound."""
        async with self._transactions.begin(tenant_id) as t:
            send = await t.sends.get(send_id)
            lines = await t.ledger.of_send(send_id)
            attempts = await t.sends.attempts(send_id, limit=MOST_ATTEMPTS + 1)
            return SendDetails(
                send,
                await t.connections.get(send.connection_id),
                attempts[:MOST_ATTEMPTS][::-1],
                # Of former plans, only lines that are or may be in Spectrum.
                [line for line in lines if line.takes_place or line.plan_id == send.plan_id],
                more_attempts=len(attempts) > MOST_ATTEMPTS,
            )


@dataclass(frozen=True, slots=True)
class SendUpdate:
    """`mark` identifies this state; pass it as `seen` to wait for the next one. After `last` there is no other."""

    mark: str
    details: SendDetails
    last: bool


class FollowSend(Service):
    """Wait for each new state of a send and of its cost lines. An update is the whole state, not a change."""

    def __init__(self, d: Dependencies) -> None:
        super().__init__(d)
        self._show = ShowSend(d)

    async def __call__(self, tenant_id: str, send_id: str, *, seen: str = "", seconds: float = 0) -> SendUpdate | None:
        """Return the state once its mark is not `seen`, or None after `seconds`.

        A last state is returned also if it was seen, so that the caller knows that it is the last. Raises NotFound.
        """
        clock = asyncio.get_running_loop().time
        until = clock() + seconds
        while True:
            async with self._transactions.begin(tenant_id) as t:
                send, lines = await t.sends.get(send_id), await t.ledger.of_send(send_id)
            if _mark(send, lines) != seen or _is_last(send):
                shown = await self._show(tenant_id, send_id)
                return SendUpdate(_mark(shown.send, shown.lines), shown, _is_last(shown.send))
            if clock() >= until:
                return None
            await asyncio.sleep(_FOLLOWED_EVERY)


def _mark(send: Send, lines: Sequence[LedgerLine]) -> str:
    states = ",".join(f"{line.id}:{line.state.value}:{line.attempt_id}" for line in lines)
    return f"{send.version}-{crc32(states.encode()):08x}"


def _is_last(send: Send) -> bool:
    return send.state.finished and send.due_at is None


class WaitForSend(Service):
    """Wait until a send rests: it has ended, or it waits for a later try or for a person."""

    async def __call__(self, tenant_id: str, send_id: str, seconds: float) -> Send:
        """The send as it is when it rests, or after `seconds`. Raises NotFound."""
        until = self._clock.now() + timedelta(seconds=seconds)
        while True:
            async with self._transactions.begin(tenant_id) as t:
                send = await t.sends.get(send_id)
                # A send that waits for another one rests only when that one does, since it continues right after it.
                behind = send.waits_for if send.due_at is None else None
                moving = await t.sends.get(behind) if behind else send
            if self._rests(moving) or self._clock.now() >= until:
                return send
            await asyncio.sleep(_WAITED_FOR_EVERY)

    def _rests(self, send: Send) -> bool:
        """Whether nothing happens soon: the send is closed, or its next try is in the future."""
        if send.due_at is None:
            return True
        later = send.due_at > self._clock.now()
        return later and send.state in (SendState.RETRYING, SendState.NEEDS_ATTENTION, SendState.IN_DOUBT)
