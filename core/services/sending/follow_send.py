"""Follow a send: wait for each new state of it and of its cost lines. An update is the whole state, not a change."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

from core.model.sending.send import Send, SendState
from core.model.work_orders.cost_line import LedgerLine
from core.services.sending.show_send import SendDetails, ShowSend
from core.services.service import Dependencies, Service

_LOOK_AGAIN = 0.25
_ENDED = frozenset(
    {
        SendState.SENT,
        SendState.SENT_WITH_WARNINGS,
        SendState.DONE_BY_HAND,
        SendState.SUPERSEDED,
        SendState.CANCELLED,
    }
)
"""States that never change again. A send that waits for a person can still change."""


@dataclass(frozen=True, slots=True)
class SendUpdate:
    """`mark` identifies this state; pass it as `seen` to wait for the next one. After `last` there is no other."""

    mark: str
    details: SendDetails
    last: bool


class FollowSend(Service):
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
            await asyncio.sleep(_LOOK_AGAIN)


def _mark(send: Send, lines: Sequence[LedgerLine]) -> str:
    states = ",".join(f"{line.id}:{line.state.value}:{line.attempt_id}" for line in lines)
    return f"{send.version}-{crc32(states.encode()):08x}"


def _is_last(send: Send) -> bool:
    return send.state in _ENDED and send.due_at is None
