"""Cancel: a send that has written nothing yet is taken back."""

from __future__ import annotations

from dataclasses import replace

import structlog

from core.model.errors import Conflict
from core.model.send import Send, SendState, Step
from ports.clock import Clock
from ports.transactions import Transactions

_log = structlog.get_logger()


class CancelSend:
    def __init__(self, transactions: Transactions, clock: Clock) -> None:
        self._transactions = transactions
        self._clock = clock

    async def __call__(self, tenant_id: str, send_id: str) -> Send:
        """Raises NotFound, or Conflict (SEND_NOT_CANCELLABLE) once a write may have reached Spectrum."""
        async with self._transactions.begin(tenant_id) as t:
            send = await t.sends.get(send_id)
            waiting = send.state in (SendState.QUEUED, SendState.RETRYING) and not send.begun
            if not waiting:
                raise Conflict(
                    f"The send {send.id} is {send.state.value} and can no longer be cancelled.",
                    code="SEND_NOT_CANCELLABLE",
                    fix="Wait for its end; then correct the work order by sending the job again.",
                )
            now = self._clock.now()
            send = replace(send, state=SendState.CANCELLED, step=Step.DONE, due_at=None, finished_at=now)
            send = await t.sends.save(send)
            await t.warnings.clear(send.connection_id, send.job_id)
        _log.info("send.cancelled", tenant=tenant_id, send=send.id)
        return send
