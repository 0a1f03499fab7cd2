"""Request a send, or many: store them as queued and wake the connection, in one transaction. A worker executes them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import structlog

from core.model.connections.connection import Connection
from core.model.operations.audit import AuditEntry
from core.model.planning.plan import SendPlan
from core.model.sending.lifecycle.acts import waits_without_items
from core.model.sending.lifecycle.event import GaveWay
from core.model.sending.send import Send, SendState
from core.model.shared.errors import BadInput, CallerMends, Conflict, FieldError, NotFound, TimeMends
from core.model.work_orders.cost_line import ItemsMode
from core.services.planning.plan_send import PlanSend
from core.services.sending.lifecycle.commit_change import CommitChange
from core.services.sending.send_actions import SendActions
from core.services.service import Dependencies, Service
from ports.storage.transactions import TenantTransaction

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

    def fingerprint(self) -> str:
        """A hash of the request, which must be the same for a repeated Idempotency-Key."""
        body = [self.connection, self.job_id, self.adopt, self.plan_hash, self.items, self.completes]
        return hashlib.sha256(json.dumps(body).encode()).hexdigest()


class RequestSend(Service):
    def __init__(self, d: Dependencies, plan_send: PlanSend, commit: CommitChange) -> None:
        super().__init__(d)
        self._commit = commit
        self._plan_send = plan_send

    async def __call__(self, tenant_id: str, request: SendRequest, *, idempotency_key: str | None = None) -> Send:
        """Returns the queued send, or the first one made under the same Idempotency-Key.

        Raises NotFound (connection), PlanChanged (409 with the new plan), Conflict (IDEMPOTENCY_KEY_REUSED), BadInput
        (ITEMS_NEED_COMPLETION) for items of an open job, PlanBlocked if a job to be completed cannot be sent.
        """
        async with self._transactions.begin(tenant_id) as t:
            connection = await t.connections.by_slug(request.connection)
            first = await t.sends.find_key(idempotency_key) if idempotency_key else None
            if first and idempotency_key:
                return await self._first_send(t, request, idempotency_key, first)
        await self._preflight(connection, request)
        async with self._transactions.begin(tenant_id) as t:
            send = new_send(self._ids.new("snd"), connection, request, await t.now())
            if idempotency_key:
                first = await t.sends.remember_key(idempotency_key, request.fingerprint(), send.id)
                if first != (send.id, request.fingerprint()):
                    return await self._first_send(t, request, idempotency_key, first)
            superseded = await supersede_waiting(t, self._commit, send)
            send = await t.sends.add(send)
            await t.connections.wake(connection.id, send.due_at)
        for old in superseded:
            _log.info("send.superseded", tenant=tenant_id, send=old.id, by=send.id)
        _log.info("send.requested", tenant=tenant_id, connection=connection.slug, send=send.id, job=send.job_id)
        return send

    async def _preflight(self, connection: Connection, request: SendRequest) -> None:
        """Plan now if the caller needs the result at once. Most sends do not: the worker plans them anyway."""
        if not (request.plan_hash or request.completes or request.items is not ItemsMode.NONE):
            return
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
            return  # the worker asks ServiceTrade again
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

    async def _first_send(self, t: TenantTransaction, request: SendRequest, key: str, first: tuple[str, str]) -> Send:
        """The send of the first request under this key. Raises Conflict if that was another request."""
        send_id, body_hash = first
        if body_hash != request.fingerprint():
            raise key_reused(key)
        return await t.sends.get(send_id)


def new_send(
    send_id: str, connection: Connection, request: SendRequest, now: datetime, batch_id: str | None = None
) -> Send:
    """A new queued send."""
    return Send(
        id=send_id,
        tenant_id=connection.tenant_id,
        connection_id=connection.id,
        job_id=request.job_id,
        requested_at=now,
        requested_by=request.requested_by,
        due_at=now,
        adopt=request.adopt,
        expected_hash=request.plan_hash,
        items=request.items,
        completes=request.completes,
        batch_id=batch_id,
    )


async def supersede_waiting(t: TenantTransaction, commit: CommitChange, send: Send) -> Sequence[Send]:
    """Supersede older sends of the same job that have written nothing yet: the new one includes all that they have."""
    states = (SendState.QUEUED, SendState.RETRYING)
    gone = []
    # Read without a lock; `commit` locks the connection and reads the send again.
    for old in await t.sends.page(states=states, connection_id=send.connection_id, job_id=send.job_id):
        if waits_without_items(old):
            with suppress(Conflict):  # it has begun since, so it is executed
                gone.append((await commit.within(t, old.id, GaveWay())).send)
    return gone


def key_reused(key: str) -> Conflict:
    return Conflict(
        f"The Idempotency-Key {key!a} was used before for a different request.",
        code="IDEMPOTENCY_KEY_REUSED",
        fix="Use a new key for every new request. Repeat a key only with exactly the same body.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRequest:
    """`job_ids` are unique. The worker plans each job when its turn comes."""

    connection: str
    job_ids: tuple[str, ...]
    requested_by: str
    items: ItemsMode = ItemsMode.NONE

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

    def __init__(self, d: Dependencies, commit: CommitChange, actions: SendActions) -> None:
        super().__init__(d)
        self._actions = actions
        self._commit = commit

    async def request(self, tenant_id: str, request: BatchRequest, *, idempotency_key: str | None = None) -> Batch:
        """Store all sends or none. Raises NotFound (connection), Conflict (IDEMPOTENCY_KEY_REUSED)."""
        async with self._transactions.begin(tenant_id) as t:
            connection = await t.connections.by_slug(request.connection)
            batch_id = self._ids.new("bat")
            if idempotency_key:
                first, body = await t.sends.remember_key(idempotency_key, request.fingerprint(), batch_id)
                if body != request.fingerprint():
                    raise key_reused(idempotency_key)
                if first != batch_id:
                    return Batch(first, await t.sends.count_batch(first))
            now, sends = await t.now(), []
            for job_id in request.job_ids:
                single = SendRequest(
                    connection=request.connection, job_id=job_id, requested_by=request.requested_by, items=request.items
                )
                send = new_send(self._ids.new("snd"), connection, single, now, batch_id)
                await supersede_waiting(t, self._commit, send)
                sends.append(await t.sends.add(send))
            await t.connections.wake(connection.id, now)
        _log.info("batch.requested", tenant=tenant_id, connection=connection.slug, batch=batch_id, sends=len(sends))
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
