"""The write-back: store the work order number as the job's external id. The work order is not sent again."""

from __future__ import annotations

from dataclasses import replace

from core.model.catalogue import finding
from core.model.sending.lifecycle.event import NumberNotWritten, NumberWritten
from core.model.sending.send import Attempt, Send, Step
from core.model.shared.errors import JobferryError, TimeMends
from core.services.sending.steps.send_context import SendContext
from core.services.service import Service


class WriteNumber(Service):
    async def __call__(self, context: SendContext, send: Send) -> NumberWritten | NumberNotWritten:
        """After a crash the same external id is written again, which changes nothing."""
        started, number = self._clock.now(), send.work_order_number or ""
        system = context.connection.external_system
        try:
            await self._service_trade.write_external_id(context.account, send.job_id, system, number)
        except JobferryError as error:
            problem = replace(
                finding("ST_WRITEBACK_FAILED", f"Work order {number} is in Spectrum, but: {error.message}"),
                origin=error.code,
            )
            attempt = Attempt(
                send_id=send.id,
                step=Step.WRITE_BACK,
                started_at=started,
                ended_at=self._clock.now(),
                outcome="failed",
                detail=error.message,
            )
            passes = isinstance(error, TimeMends)
            return NumberNotWritten(problem=problem, attempt=attempt, passes=passes, retry_after=error.retry_after)
        return NumberWritten()
