"""The first step of a send: plan the job from its present data, and complete the job if the send is to do that."""

from __future__ import annotations

from dataclasses import replace

import structlog

from core.model.planning.job import CompletedJob
from core.model.sending.diagnosis import from_error
from core.model.sending.lifecycle.acts import new_row
from core.model.sending.lifecycle.event import NumberClaim, Planned, ServiceTradeTrouble
from core.model.sending.lifecycle.planned import plan_problem
from core.model.sending.send import Send
from core.model.shared.errors import JobferryError, TimeMends
from core.model.work_orders.cost_line import ItemsMode
from core.services.planning.plan_send import PlannedSend, PlanSend
from core.services.sending.steps.send_context import SendContext
from core.services.service import Dependencies, Service

_log = structlog.get_logger()


class MakePlan(Service):
    def __init__(self, d: Dependencies, plan_send: PlanSend) -> None:
        super().__init__(d)
        self._plan_send = plan_send

    async def __call__(self, context: SendContext, send: Send) -> Planned | ServiceTradeTrouble:
        """Nothing is written to Spectrum. Raises TimeMends if our own database is unreachable."""
        completion: CompletedJob | None = None
        try:
            planned = await self._plan_send(
                context.connection,
                send.job_id,
                adopt=send.adopt,
                items=send.items,
                tasks=send.tasks,
                send_id=send.id,
                completing=send.completes,
                known=context.known,
                checked_again=not send.adopt,  # the plan of one that adopts says whether another job had the number
            )
            if send.completes and not plan_problem(send, planned.plan):
                completion = await self._complete(context, send, planned)
        except JobferryError as error:
            if error.code == "DATABASE_UNREACHABLE":
                raise
            return ServiceTradeTrouble(from_error(error), isinstance(error, TimeMends), error.retry_after)
        plan, plan_id = planned.plan, self._ids.new("pln")
        of_plan = replace(send, work_order_number=plan.number, plan_id=plan_id)
        items = plan.lines if send.items is not ItemsMode.NONE else ()
        return Planned(
            plan=plan,
            plan_id=plan_id,
            lines=tuple(
                new_row(of_plan, line, self._ids.new("lin"), place, line.round, line.purpose)
                for place, line in enumerate(items)
            ),
            snapshot=planned.account.without(send.id).snapshot,
            claim=NumberClaim(planned.claim_keys, planned.claim_owner, plan.adopt),
            completion=completion,
        )

    async def _complete(self, context: SendContext, send: Send, planned: PlannedSend) -> CompletedJob:
        """Complete the job. When ServiceTrade's event arrives, the completion is recorded or this send still open."""
        if planned.job_completed:
            return CompletedJob(send.job_id, planned.plan.completed_on)
        completion = await self._service_trade.complete_job(context.account, send.job_id)
        _log.info("job.completed", job=send.job_id)
        return completion
