"""Request a send, or many: they are stored as queued, and their connection is woken. A worker executes them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog

from core.model.operations.audit import AuditEntry
from core.model.planning.plan import SendPlan
from core.model.sending.new_send import NewSend
from core.model.sending.send import Send, SendState
from core.model.shared.errors import BadInput, CallerMends, Conflict, FieldError, NotFound, TimeMends
from core.model.work_orders.cost_line import ItemsMode
from core.services.planning.plan_send import PlanSend
from core.services.sending.read_sends import SendDetails, ShowSend
from core.services.sending.send_actions import SendActions
from core.services.sending.store_request import StoreRequest, require_same
from core.services.service import Dependencies, Service
from ports.ids import Ids
from ports.storage.send_requests import BoundKey, RequestedSends

_log = structlog.get_logger()
LARGEST_BATCH = 500
"""The most sends in one batch, new or retried."""


class PlanChanged(Conflict):
    """The plan that the caller has seen is out of date; `plan` is the present one."""

    default_code = "JOB_CHANGED_WHILE_SENDING"

    def __init__(self, plan: SendPlan) -> None:
        super().__init__(
            "The job, its mappings or the connection changed since the preview.",
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

    `items` need a completed job, or one that this request completes in ServiceTrade (`completes`): it is planned first,
    and stays open if it cannot be sent. The queued send completes it, so a crash loses neither the completion nor the
    send. A job that is completed already is sent like any other.
    """

    connection: str
    job_id: str
    requested_by: str
    adopt: bool = False
    plan_hash: str | None = None
    items: ItemsMode = ItemsMode.NONE
    completes: bool = False

    @property
    def planned_at_once(self) -> bool:
        """Whether the caller needs the plan's result with the answer. Most do not: the worker plans the send anyway."""
        return bool(self.plan_hash or self.completes or self.items is not ItemsMode.NONE)

    def new_send(self, send_id: str) -> NewSend:
        """The send that is asked for."""
        return NewSend(
            id=send_id,
            job_id=self.job_id,
            requested_by=self.requested_by,
            adopt=self.adopt,
            expected_hash=self.plan_hash,
            items=self.items,
            completes=self.completes,
        )

    def fingerprint(self) -> str:
        """A hash of the request, which must be the same for a repeated Idempotency-Key."""
        body = [self.connection, self.job_id, self.adopt, self.plan_hash, self.items, self.completes]
        return hashlib.sha256(json.dumps(body).encode()).hexdigest()


class RequestSend(Service):
    def __init__(self, d: Dependencies, plan_send: PlanSend, store: StoreRequest, show: ShowSend) -> None:
        super().__init__(d)
        self._plan_send = plan_send
        self._store = store
        self._show = show

    async def __call__(self, tenant_id: str, request: SendRequest, *, idempotency_key: str | None = None) -> Send:
        """Returns the queued send, or the first one made under the same Idempotency-Key.

        Raises NotFound (connection), PlanChanged (409 with the new plan), Conflict (IDEMPOTENCY_KEY_REUSED), BadInput
        (ITEMS_NEED_COMPLETION) for items of an open job, PlanBlocked if a job to be completed cannot be sent.
        """
        return (await self.details(tenant_id, request, idempotency_key=idempotency_key)).send

    async def details(self, tenant_id: str, request: SendRequest, *, idempotency_key: str | None = None) -> SendDetails:
        """As a call, but returns the send with its details. Those of a new send are known without a look at it."""
        new = request.new_send(self._ids.new("snd"))
        key = BoundKey(idempotency_key, request.fingerprint(), new.id) if idempotency_key else None
        first = await self._preflight(tenant_id, request, key) if request.planned_at_once else None
        if first is None:
            stored = await self._store(tenant_id, RequestedSends(slug=request.connection, sends=[new], key=key))
            if stored.first is None:
                [send], connection = stored.sends, stored.connection
                _log.info("send.requested", tenant=tenant_id, connection=connection.slug, send=send.id, job=send.job_id)
                return SendDetails(send, connection.shown_at(self._clock.now()), attempts=())
            first = stored.first
        return await self._show(tenant_id, first.bound_to)

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
            if found.code == "ITEMS_NEED_COMPLETION":
                raise BadInput(
                    found.message,
                    code=found.code,
                    fix=" ".join(found.fix),
                    errors=[FieldError("/items", "only with a completed job")],
                )
        if request.completes and not plan.sendable:
            raise PlanBlocked(plan)
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRequest:
    """`job_ids` are unique. The worker plans each job when its turn comes."""

    connection: str
    job_ids: tuple[str, ...]
    requested_by: str
    items: ItemsMode = ItemsMode.NONE

    def new_sends(self, batch_id: str, ids: Ids) -> Sequence[NewSend]:
        """The sends that are asked for, in the order of the jobs."""
        return [
            NewSend(
                id=ids.new("snd"), job_id=job_id, requested_by=self.requested_by, items=self.items, batch_id=batch_id
            )
            for job_id in self.job_ids
        ]

    def fingerprint(self) -> str:
        body = ["batch", self.connection, self.job_ids, self.items]
        return hashlib.sha256(json.dumps(body).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Batch:
    """The progress of a batch: the number of its sends in each state."""

    id: str
    states: Mapping[SendState, int]
    sends: Sequence[Send] = ()

    @property
    def total(self) -> int:
        return sum(self.states.values())

    @property
    def settled(self) -> bool:
        """Whether none of its sends continues by itself."""
        return all(state.settled for state in self.states)


class Batches(Service):
    """Many sends requested at once, one for each job, or many failed ones retried."""

    def __init__(self, d: Dependencies, store: StoreRequest, actions: SendActions) -> None:
        super().__init__(d)
        self._actions = actions
        self._store = store

    async def request(self, tenant_id: str, request: BatchRequest, *, idempotency_key: str | None = None) -> Batch:
        """Store all sends or none. Raises NotFound (connection), Conflict (IDEMPOTENCY_KEY_REUSED)."""
        batch_id = self._ids.new("bat")
        key = BoundKey(idempotency_key, request.fingerprint(), batch_id) if idempotency_key else None
        wanted = RequestedSends(slug=request.connection, sends=request.new_sends(batch_id, self._ids), key=key)
        stored = await self._store(tenant_id, wanted)
        if first := stored.first:
            async with self._transactions.begin(tenant_id) as t:
                return Batch(first.bound_to, await t.sends.count_batch(first.bound_to))
        slug, sends = stored.connection.slug, stored.sends
        _log.info("batch.requested", tenant=tenant_id, connection=slug, batch=batch_id, sends=len(sends))
        return Batch(batch_id, {SendState.QUEUED: len(sends)}, sends)

    async def show(self, tenant_id: str, batch_id: str) -> Batch:
        """Raises NotFound (BATCH_NOT_FOUND)."""
        async with self._transactions.begin(tenant_id) as t:
            states = await t.sends.count_batch(batch_id)
        if not states:
            raise NotFound(f"There is no batch {batch_id}.", code="BATCH_NOT_FOUND", fix="Look at the list of sends.")
        return Batch(batch_id, states)

    async def retry(self, tenant_id: str, send_ids: Sequence[str], *, by: str) -> Batch:
        """Retry each send that is failed or waiting, at most LARGEST_BATCH. Other sends are left out of the batch.

        Each is its own transaction, so that a worker can start before the last one. Raises Conflict (NOTHING_TO_RETRY).
        """
        batch_id, gone = self._ids.new("bat"), []
        for send_id in list(dict.fromkeys(send_ids))[:LARGEST_BATCH]:
            try:
                async with self._transactions.begin(tenant_id) as t:
                    gone.append(await self._actions.retry_within(t, send_id))
                    await t.sends.join_batch(batch_id, send_id)
            except (Conflict, NotFound):
                continue
        if not gone:
            raise Conflict(
                "None of these sends can be retried: a send must need attention or be waiting for its next try.",
                code="NOTHING_TO_RETRY",
                fix="Load the list of sends again.",
            )
        async with self._transactions.begin(tenant_id) as t:
            detail = {"sends": str(len(gone))}
            await t.audit.record(AuditEntry(self._clock.now(), by, "sends.retried", batch_id, detail))
            states = await t.sends.count_batch(batch_id)
        _log.info("batch.retried", tenant=tenant_id, batch=batch_id, sends=len(gone))
        return Batch(batch_id, states, gone)
