"""Wait until a send rests: it has ended, or it waits for a later try or for a person."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from core.model.sending.send import Send, SendState
from core.services.service import Service

_LOOK_AGAIN = 0.1


class WaitForSend(Service):
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
            await asyncio.sleep(_LOOK_AGAIN)

    def _rests(self, send: Send) -> bool:
        """Whether nothing happens soon: the send is closed, or its next try is in the future."""
        if send.due_at is None:
            return True
        later = send.due_at > self._clock.now()
        return later and send.state in (SendState.RETRYING, SendState.NEEDS_ATTENTION, SendState.IN_DOUBT)
