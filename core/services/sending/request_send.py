"""Request a send: it is stored as queued, and its connection is woken. A worker executes it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

import structlog

from core.model.planning.plan import SendPlan
from core.model.sending.lifecycle.change import Act
from core.model.sending.new_send import NewSend
from core.model.sending.send import Send
from core.model.shared.errors import BadInput, CallerMends, Conflict, FieldError, TimeMends
from core.model.work_orders.cost_line import ItemsMode
from core.model.work_orders.job_service import TasksMode
from core.services.planning.plan_send import PlanSend
from core.services.planning.prepare_send import FindJob
from core.services.sending.read_sends import SendDetails, ShowSend
from core.services.sending.store_request import StoreRequest, require_same
from core.services.service import Dependencies, Service
from ports.storage.send_requests import BoundKey, RequestedSends

_log = structlog.get_logger()
_NOT_AS_ASKED: Mapping[str, FieldError] = {
    "ITEMS_NEED_COMPLETION": FieldError("/items", "only with a completed job"),
    "TASKS_OFF": FieldError("/tasks", "again only with items, on a connection that sends tasks"),
}
"""Blockers that the caller's own choice makes."""


class PlanChanged(Conflict):
    """The plan that the caller has seen is out of date; `plan` is the present one."""

    default_code = "JOB_CHANGED_WHILE_SENDING"

    def __init__(self, plan: SendPlan) -> None:
        super().__init__(
            "The job, its codes or the connection changed since the preview.",
            fix="Check the new plan and send again with its plan_hash.",
        )
        self.plan = plan


class PlanBlocked(CallerMends):
    """The job cannot be completed and sent; the blockers are in `plan`. Nothing was done."""

    default_code = "PLAN_BLOCKED"

    def __init__(self, plan: SendPlan) -> None:
        problems = " ".join(found.message for found in plan.blockers)
        super().__init__(
            f"The job stays open, because it could not be sent: {problems}",
            fix=" ".join(step for found in plan.blockers for step in found.fix),
        )
        self.plan = plan


@dataclass(frozen=True, slots=True, kw_only=True)
class SendRequest:
    """A request for a send. `plan_hash` is of the preview that the caller saw; `adopt` continues with a known number.
    `job_number` is for callers who do not know the id: then `job_id` is '', and the job is looked up in ServiceTrade.

    `tasks` says which services become tasks where the connection sends tasks and the send has items.
    `items` need a completed job, or one that this request completes in ServiceTrade (`completes`): it is planned first,
    and stays open if it cannot be sent. The queued send completes it, so a crash loses neither the completion nor the
    send. A job that is completed already is sent like any other.
    `request_id` is of the HTTP request that asks, for the audit; '' for none. A repeated request has another one.
    `repeats_as` owns the Idempotency-Key (`Caller.repeats_as`); '' for who is known by `requested_by`.
    """

    connection: str
    job_id: str
    requested_by: str
    job_number: str | None = None
    adopt: bool = False
    plan_hash: str | None = None
    items: ItemsMode = ItemsMode.NONE
    tasks: TasksMode = TasksMode.NEW_ONLY
    completes: bool = False
    request_id: str = ""
    repeats_as: str = ""

    @property
    def planned_at_once(self) -> bool:
        """Whether the caller needs the plan's result with the answer. Most do not: the worker plans the send anyway."""
        again = self.tasks is TasksMode.AGAIN
        return bool(self.plan_hash or self.completes or self.items is not ItemsMode.NONE or again)

    def new_send(self, send_id: str) -> NewSend:
        """The send that is asked for."""
        return NewSend(
            id=send_id,
            job_id=self.job_id,
            requested_by=self.requested_by,
            adopt=self.adopt,
            expected_hash=self.plan_hash,
            items=self.items,
            tasks=self.tasks,
            completes=self.completes,
        )

    def act(self, send_id: str) -> Act:
        """What the audit says about it."""
        detail = {"job": self.job_id, "connection": self.connection, "items": self.items.value}
        detail |= {} if self.tasks is TasksMode.NEW_ONLY else {"tasks": self.tasks.value}
        detail |= {name: "yes" for name in ("completes", "adopt") if getattr(self, name)}
        detail |= {"request_id": self.request_id} if self.request_id else {}
        return Act(self.requested_by, "send.requested", send_id, detail)

    def fingerprint(self) -> str:
        """A hash of the request, which must be the same for a repeated Idempotency-Key."""
        job = self.job_id if self.job_number is None else ["number", self.job_number]
        body = [self.connection, job, self.adopt, self.plan_hash, self.items, self.completes]
        body += [] if self.tasks is TasksMode.NEW_ONLY else [self.tasks]
        return hashlib.sha256(json.dumps(body).encode()).hexdigest()


class RequestSend(Service):
    def __init__(
        self, d: Dependencies, plan_send: PlanSend, store: StoreRequest, show: ShowSend, find_job: FindJob
    ) -> None:
        super().__init__(d)
        self._find_job = find_job
        self._plan_send = plan_send
        self._store = store
        self._show = show

    async def __call__(self, tenant_id: str, request: SendRequest, *, idempotency_key: str | None = None) -> Send:
        """Returns the queued send, or the first one made under the same Idempotency-Key.

        Raises NotFound (connection), PlanChanged (409 with the new plan), Conflict (IDEMPOTENCY_KEY_REUSED), BadInput
        (ITEMS_NEED_COMPLETION for items of an open job, TASKS_OFF), PlanBlocked if a job to be completed cannot be
        sent; for a job number also what FindJob raises.
        """
        return (await self.details(tenant_id, request, idempotency_key=idempotency_key)).send

    async def details(self, tenant_id: str, request: SendRequest, *, idempotency_key: str | None = None) -> SendDetails:
        """As a call, but returns the send with its details. Those of a new send are known without a look at it."""
        send_id, key = self._ids.new("snd"), None
        if idempotency_key:
            key = BoundKey.of(
                request.repeats_as or request.requested_by, idempotency_key, request.fingerprint(), send_id
            )
        first = await self._bound(tenant_id, key) if key and request.job_number is not None else None
        if first is None and request.job_number is not None:
            request = replace(request, job_id=await self._find_job(tenant_id, request.job_number))
        if first is None and request.planned_at_once:
            first = await self._preflight(tenant_id, request, key)
        if first is None:
            new = request.new_send(send_id)
            wanted = RequestedSends(slug=request.connection, sends=[new], key=key, act=request.act(new.id))
            stored = await self._store(tenant_id, wanted)
            if stored.first is None:
                [send], connection = stored.sends, stored.connection
                _log.info("send.requested", tenant=tenant_id, connection=connection.slug, send=send.id, job=send.job_id)
                return SendDetails(send, connection.shown_at(self._clock.now()), attempts=())
            first = stored.first
        return replace(await self._show(tenant_id, first.bound_to), replayed=True)

    async def _bound(self, tenant_id: str, key: BoundKey) -> BoundKey | None:
        """What the key is bound to: a repeated request is answered also while ServiceTrade cannot be asked."""
        async with self._transactions.begin(tenant_id) as t:
            first = await t.sends.find_key(key.key)
        if first:
            require_same(key, first)
        return first

    async def _preflight(self, tenant_id: str, request: SendRequest, key: BoundKey | None) -> BoundKey | None:
        """Plan now, because the caller needs the result at once. If this repeats a request, nothing is planned, and
        what its key is bound to is returned."""
        async with self._transactions.begin(tenant_id) as t:
            connection = await t.connections.by_slug(request.connection)
            if key and (first := await t.sends.find_key(key.key)):
                require_same(key, first)
                return first
        try:
            planned = await self._plan_send(
                connection,
                request.job_id,
                adopt=request.adopt,
                items=request.items,
                tasks=request.tasks,
                completing=request.completes,
            )
        except TimeMends:
            if request.plan_hash or request.completes:
                raise
            return None  # the worker asks ServiceTrade again
        plan = planned.plan
        if request.plan_hash and plan.plan_hash != request.plan_hash:
            raise PlanChanged(plan)
        for found in plan.blockers:
            if found.code in _NOT_AS_ASKED:
                raise BadInput(
                    found.message,
                    code=found.code,
                    fix=" ".join(found.fix),
                    errors=[_NOT_AS_ASKED[found.code]],
                )
        if request.completes and not plan.sendable:
            raise PlanBlocked(plan)
        return None
