"""What a person looks at before a send: the job by its number, its Send menu, and the preview."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.model.planning.line_plan import LinePlan
from core.model.planning.plan import SendPlan
from core.model.planning.printed import Printed
from core.model.planning.task_plan import plan_lines_and_tasks
from core.model.sending.progress import Progress
from core.model.sending.send import Send
from core.model.sending.send_filter import SendFilter
from core.model.shared.errors import Conflict, NotFound
from core.model.work_orders.cost_line import ItemsMode
from core.model.work_orders.job_service import TasksMode
from core.model.work_orders.work_order import WorkOrderRecord
from core.services.planning.plan_send import PlannedSend, PlanSend
from core.services.read_progress import progress_of_all
from core.services.service import Dependencies, Service

_MODES = (ItemsMode.NEW_ONLY, ItemsMode.DIFFERENCE, ItemsMode.AGAIN)


class FindJob(Service):
    async def __call__(self, tenant_id: str, number: str) -> str:
        """The id of the job with this number. Raises NotFound (JOB_NOT_FOUND), Conflict (JOB_NUMBER_AMBIGUOUS)."""
        found = await self.all(tenant_id, number)
        if len(found) > 1:
            raise Conflict(
                f"ServiceTrade has {len(found)} jobs with the number {number.strip()}: {', '.join(found)}.",
                code="JOB_NUMBER_AMBIGUOUS",
                fix="Look which of these jobs is meant, and name it by its id.",
            )
        return found[0]

    async def all(self, tenant_id: str, number: str) -> Sequence[str]:
        """The ids of the jobs with this number: one, unless it was given twice. Raises NotFound (JOB_NOT_FOUND)."""
        async with self._transactions.begin(tenant_id) as t:
            account = await t.account()
        if found := await self._service_trade.find_job_ids(account, number):
            return found
        raise NotFound(
            f"ServiceTrade has no job with the number {number.strip()}.",
            code="JOB_NOT_FOUND",
            fix="Check the number in ServiceTrade. People see it there; the id is the end of the job's address.",
        )


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """`disabled` says why the entry cannot be used, None if it can. `notice` is a hold that sends will wait for.
    `progress` is that of the last send."""

    connection: str
    name: str
    record: WorkOrderRecord | None
    last_send: Send | None
    progress: Progress | None
    disabled: str | None
    notice: str | None

    @property
    def label(self) -> str:
        return f"Send Job to {self.name}"


class SendMenu(Service):
    """The Send menu of a job: one entry for each connection, with its last send and why it cannot be used."""

    async def __call__(self, tenant_id: str, job_id: str) -> Sequence[MenuEntry]:
        """Read our own rows only, so the menu opens at once. Preselect a single entry."""
        entries, now = [], self._clock.now()
        async with self._transactions.begin(tenant_id) as t:
            tenant = await t.tenant()
            for connection in await t.connections.all():
                last = await t.sends.page(SendFilter(connection_id=connection.id, job_id=job_id), limit=1)
                paused = "this account is paused" if tenant.paused else "this connection is paused"
                entries.append(
                    MenuEntry(
                        connection=connection.slug,
                        name=connection.name,
                        record=await t.work_orders.find(connection.id, job_id),
                        last_send=last[0] if last else None,
                        progress=(await progress_of_all(t, last))[last[0].id] if last else None,
                        disabled=paused if tenant.paused or connection.paused else None,
                        notice=shown.hold.finding.message if (shown := connection.shown_at(now)).hold else None,
                    )
                )
        return entries


@dataclass(frozen=True, slots=True)
class SendPreview:
    """`choices`: what each mode would post of the job's items; empty if no items were asked for. `printed` is what the
    rules printed, for people only."""

    plan: SendPlan
    job_completed: bool
    choices: Mapping[ItemsMode, LinePlan] = field(default_factory=dict)
    printed: Sequence[Printed] = ()


class PreviewSend(Service):
    """The plan that a send would carry out now. Nothing is written."""

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
        tasks: TasksMode = TasksMode.NEW_ONLY,
        completing: bool = False,
    ) -> SendPreview:
        """`connection` is a slug; `completing` previews a send that completes the job first.

        Raises NotFound for an unknown connection or job.
        """
        known = await self._transactions.plan_input(tenant_id, job_id, slug=connection)
        planned = await self._plan_send(
            known.connection, job_id, adopt=adopt, items=items, tasks=tasks, completing=completing, known=known
        )
        choices = _choices(planned, readable=planned.job_completed or completing)
        return SendPreview(planned.plan, planned.job_completed, choices, planned.printed)


def _choices(planned: PlannedSend, *, readable: bool) -> Mapping[ItemsMode, LinePlan]:
    if planned.plan.items is ItemsMode.NONE or not readable:
        return {}
    held = planned.plan.items_held
    plans = {mode: plan_lines_and_tasks(planned.items, planned.account, mode, planned.tasks) for mode in _MODES}
    return {mode: plan.held(held) if held else plan for mode, plan in plans.items()}
