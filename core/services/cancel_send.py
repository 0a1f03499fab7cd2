"""Cancel: a send that has written nothing yet is taken back; a retried one is failed again."""

from __future__ import annotations

from dataclasses import replace

import structlog

from core.model.errors import Conflict
from core.model.send import Send, SendState, Step
from ports.clock import Clock
from ports.ids import Ids
from ports.transactions import TenantTransaction, Transactions

_log = structlog.get_logger()


class CancelSend:
    def __init__(self, transactions: Transactions, clock: Clock, ids: Ids) -> None:
        self._transactions = transactions
        self._clock = clock
        self._ids = ids

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
            # Cancelling a retry takes back the retry: the failure, its warning and its comment still stand.
            state = SendState.NEEDS_ATTENTION if send.failed_before else SendState.CANCELLED
            send = replace(send, state=state, step=Step.DONE, due_at=None, finished_at=self._clock.now())
            send = await t.sends.save(send)
            await self._leave_the_right_warning(t, send)
        _log.info("send.cancelled", tenant=tenant_id, send=send.id)
        return send

    async def _leave_the_right_warning(self, t: TenantTransaction, send: Send) -> None:
        """The warning of the job's last failure, which this send may have replaced with its own, or none."""
        await t.warnings.clear(send.connection_id, send.job_id)
        failed = await t.sends.of_job(send.connection_id, send.job_id, (SendState.NEEDS_ATTENTION, SendState.IN_DOUBT))
        if failed:
            await t.warnings.put(failed[-1].warning(self._ids.new("wrn"), self._clock.now()))
