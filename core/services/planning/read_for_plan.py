"""Read the input of a plan: the job with its items, services and documents, and what is stored about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.model.connections.connection import Connection
from core.model.planning.item_codes import item_keys, with_item_aliases
from core.model.planning.job import JobSnapshot
from core.model.planning.task_plan import services_not_read
from core.model.shared.errors import JobferryError, TenantMends
from core.model.shared.finding import Finding
from core.model.shared.text import with_composed_text
from core.model.tenants.tenant import ServiceTradeAccount
from core.model.work_orders.cost_line import ItemsMode
from core.model.work_orders.item import JobItem
from core.model.work_orders.job_service import JobService, TasksMode
from core.model.work_orders.paperwork import Paperwork
from core.model.work_orders.work_order import WorkOrderRecord
from core.services.service import Service
from ports.storage.send_changes import PlanInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All input of a plan, read once: the same reading and the same rules give the same plan.

    `items` are None if none were asked for, or if the job is not completed yet. `record` is what was sent before.
    `services` are None unless the connection sends tasks and this send may; `services_problem` is why they could not be
    read. `completing`: the send completes the job first. `afresh`: plan as if Spectrum had none of the job's items.
    `lists`: there are lists of the company's codes, which the plan is compared with.
    """

    account: ServiceTradeAccount
    connection: Connection
    job: JobSnapshot
    record: WorkOrderRecord | None
    mode: ItemsMode = ItemsMode.NONE
    items: Sequence[JobItem] | None = None
    tasks: TasksMode = TasksMode.NEW_ONLY
    services: Sequence[JobService] | None = None
    services_problem: Finding | None = None
    completing: bool = False
    afresh: bool = False
    paperwork: Paperwork | None = None
    lists: bool = False


class ReadForPlan(Service):
    async def __call__(
        self,
        connection: Connection,
        job_id: str,
        *,
        items: ItemsMode = ItemsMode.NONE,
        tasks: TasksMode = TasksMode.NEW_ONLY,
        completing: bool = False,
        known: PlanInput | None = None,
    ) -> Reading:
        """Read the input of a plan. Raises what the ServiceTrade port raises (unknown job, no access, unreachable)."""
        if known is None:
            known = await self._transactions.plan_input(connection.tenant_id, job_id, connection_id=connection.id)
        account = known.account
        job = await self._service_trade.read_job(account, job_id, connection.external_system)
        job = with_composed_text(job)
        found: Sequence[JobItem] | None = None
        if items is not ItemsMode.NONE and (job.completed or completing):
            read = await self._service_trade.read_items(account, job.id, connection.external_system)
            found = [with_composed_text(item) for item in read]
        if known.aliases:
            job, found = await self._with_aliases(job, found, connection)
        services, problem = None, None
        if found is not None and connection.sends_tasks and tasks is not TasksMode.NONE:
            services, problem = await self._services(account, job.id)
        return Reading(
            account=account,
            connection=connection.over(known.tenant.plugin_defaults),
            job=job,
            record=known.record,
            mode=items,
            items=found,
            tasks=tasks,
            services=services,
            services_problem=problem,
            completing=completing,
            paperwork=await self._paperwork(account, connection, job, completing=completing),
            lists=known.lists,
        )

    async def _paperwork(
        self, account: ServiceTradeAccount, connection: Connection, job: JobSnapshot, *, completing: bool
    ) -> Paperwork | None:
        """A completed job's attachments, if the connection sends them. A list that cannot be read stops nothing."""
        if not connection.send_paperwork or not (job.completed or completing):
            return None
        try:
            return Paperwork(tuple(await self._service_trade.read_attachments(account, job.id)))
        except JobferryError as error:
            return Paperwork(trouble=error.message)

    async def _services(
        self, account: ServiceTradeAccount, job_id: str
    ) -> tuple[Sequence[JobService] | None, Finding | None]:
        """The job's services, or why they cannot be read. Work order and items do not wait for that."""
        try:
            read = await self._service_trade.read_services(account, job_id)
        except TenantMends as error:
            return None, services_not_read(error.message)
        return [with_composed_text(one) for one in read], None

    async def _with_aliases(
        self, job: JobSnapshot, items: Sequence[JobItem] | None, connection: Connection
    ) -> tuple[JobSnapshot, Sequence[JobItem] | None]:
        """Add the aliases of the job's records and of its items' library items, in one query: they are known only after
        job and items were read."""
        keys = [*job.parties, *item_keys(items or ())]
        if not keys:
            return job, items
        found = await self._transactions.aliases_of(connection.tenant_id, connection.id, keys)
        return job.with_aliases(found), None if items is None else with_item_aliases(items, found)
