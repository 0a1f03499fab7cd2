"""Write the work order's header once, from the stored plan, under its explicit number; then write that on the job."""

from __future__ import annotations

from dataclasses import replace

import structlog

from core.model.catalogue import CATALOGUE, finding
from core.model.sending.answer import Accepted
from core.model.sending.lifecycle.event import HeaderAnswered, NumberClaim, NumberNotWritten, NumberWritten
from core.model.sending.send import Attempt, Send, Step
from core.model.shared.errors import JobferryError, TimeMends
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
        started, began = self._clock.now(), self._clock.boot_seconds()
        exchange = await self._spectrum.write_header(context.target, send.plan.values, leave_by=leave_by)
        outcome = exchange.outcome
        context.admission.note(context.connection.endpoint, outcome, began)
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
        return HeaderAnswered(
            outcome=outcome,
            attempt=attempt,
            claim=claim,
            fresh=fresh,
            diagnosis=diagnosis,
            target_version=context.connection.target_version,
        )


class WriteNumber(Service):
    """The write-back: store the work order number as the job's external id. The work order is not sent again."""

    async def __call__(self, context: SendContext, send: Send) -> NumberWritten | NumberNotWritten:
        """After a crash the same external id is written again, which changes nothing."""
        started, number = self._clock.now(), send.work_order_number or ""
        system = context.connection.external_system
        try:
            await self._service_trade.write_external_id(context.account, send.job_id, system, number)
        except JobferryError as error:
            message = f"Work order {number} is in Spectrum, but: {error.message}"
            problem = replace(finding("ST_WRITEBACK_FAILED", message), origin=error.code)
            if not isinstance(error, TimeMends) and error.code in CATALOGUE:
                problem = replace(problem, owner=CATALOGUE[error.code].owner)
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
