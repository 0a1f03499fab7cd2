"""Write the work order's header once, from the stored plan, under its explicit number."""

from __future__ import annotations

import structlog

from core.model.sending.answer import Accepted
from core.model.sending.lifecycle.event import HeaderAnswered, NumberClaim
from core.model.sending.send import Attempt, Send, Step
from core.services.sending.steps.diagnose_answer import diagnose_answer
from core.services.sending.steps.send_context import SendContext
from core.services.service import Service

_log = structlog.get_logger()


class WriteHeader(Service):
    async def __call__(
        self, context: SendContext, send: Send, claim: NumberClaim, *, fresh: bool, leave_by: float
    ) -> HeaderAnswered:
        """Make one call, which leaves before `leave_by` (boot clock) or not at all. `fresh`: it is the first one."""
        if send.plan is None:
            raise ValueError(f"send {send.id} has no stored plan to write")
        started = self._clock.now()
        exchange = await self._spectrum.write_header(context.target, send.plan.values, leave_by=leave_by)
        outcome = exchange.outcome
        attempt = Attempt(
            send_id=send.id,
            step=Step.HEADER,
            started_at=started,
            ended_at=self._clock.now(),
            outcome=type(outcome).__name__.lower(),
            detail=outcome.in_short,
            request=exchange.request,
            answer=exchange.answer,
        )
        _log.info("header.answered", outcome=attempt.outcome, detail=attempt.detail, number=send.work_order_number)
        diagnosis = None
        if not isinstance(outcome, Accepted):
            diagnosis = await diagnose_answer(self._rules, context.connection, outcome)
        return HeaderAnswered(outcome=outcome, attempt=attempt, claim=claim, fresh=fresh, diagnosis=diagnosis)
