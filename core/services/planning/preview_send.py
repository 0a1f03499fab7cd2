"""Preview: the plan that a send would carry out now. Nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.model.planning.line_plan import LinePlan, plan_lines
from core.model.planning.plan import SendPlan
from core.model.work_orders.cost_line import ItemsMode
from core.services.planning.plan_send import PlannedSend, PlanSend
from core.services.service import Dependencies, Service

_MODES = (ItemsMode.NEW_ONLY, ItemsMode.DIFFERENCE, ItemsMode.AGAIN)


@dataclass(frozen=True, slots=True)
class SendPreview:
    """`choices`: what each mode would post of the job's items; empty if no items were asked for."""

    plan: SendPlan
    job_completed: bool
    choices: Mapping[ItemsMode, LinePlan] = field(default_factory=dict)


class PreviewSend(Service):
    def __init__(self, d: Dependencies, plan_send: PlanSend) -> None:
        super().__init__(d)
        self._plan_send = plan_send

    async def __call__(
        self,
        tenant_id: str,
        connection: str,
        job_id: str,
        *,
        adopt: bool = False,
        items: ItemsMode = ItemsMode.NONE,
        completing: bool = False,
    ) -> SendPreview:
        """`connection` is a slug; `completing` previews a send that completes the job first.

        Raises NotFound for an unknown connection or job.
        """
        async with self._transactions.begin(tenant_id) as t:
            found = await t.connections.by_slug(connection)
        planned = await self._plan_send(found, job_id, adopt=adopt, items=items, completing=completing)
        choices = _choices(planned, readable=planned.job_completed or completing)
        return SendPreview(planned.plan, planned.job_completed, choices)


def _choices(planned: PlannedSend, *, readable: bool) -> Mapping[ItemsMode, LinePlan]:
    if planned.plan.items is ItemsMode.NONE or not readable:
        return {}
    held = planned.plan.items_held
    plans = {mode: plan_lines(planned.items, planned.account, mode) for mode in _MODES}
    return {mode: plan.held(held) if held else plan for mode, plan in plans.items()}
