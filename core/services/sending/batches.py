"""Batches: many sends requested at once, or many retried or cancelled."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import structlog

from core.model.operations.audit import AuditEntry
from core.model.sending.lifecycle.change import Act
from core.model.sending.new_send import NewSend
from core.model.sending.send import Send, SendState
from core.model.shared.errors import Conflict, NotFound
from core.model.work_orders.cost_line import ItemsMode
from core.model.work_orders.job_service import TasksMode
from core.services.sending.send_actions import SendActions
from core.services.sending.store_request import StoreRequest
from core.services.service import Dependencies, Service
from ports.ids import Ids
from ports.storage.send_requests import BoundKey, RequestedSends

_log = structlog.get_logger()
LARGEST_BATCH = 500
"""The most sends in one batch: new, retried or cancelled."""
_Act = Callable[..., Awaitable[Send]]


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRequest:
    """`job_ids` are unique. The worker plans each job when its turn comes. `request_id` and `repeats_as` are as of a
    SendRequest."""

    connection: str
    job_ids: tuple[str, ...]
    requested_by: str
    items: ItemsMode = ItemsMode.NONE
    tasks: TasksMode = TasksMode.NEW_ONLY
    request_id: str = ""
    repeats_as: str = ""

    def new_sends(self, batch_id: str, ids: Ids) -> Sequence[NewSend]:
        """The sends that are asked for, in the order of the jobs."""
        return [
            NewSend(
                id=ids.new("snd"),
                job_id=job_id,
                requested_by=self.requested_by,
                items=self.items,
                tasks=self.tasks,
                batch_id=batch_id,
            )
            for job_id in self.job_ids
        ]

    def fingerprint(self) -> str:
        """A hash of the request, which must be the same for a repeated Idempotency-Key."""
        body = ["batch", self.connection, self.job_ids, self.items]
        body += [] if self.tasks is TasksMode.NEW_ONLY else [self.tasks]
        return hashlib.sha256(json.dumps(body).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Batch:
    """The progress of a batch: the number of its sends in each state. `replayed`: the answer to a repeated request."""

    id: str
    states: Mapping[SendState, int]
    sends: Sequence[Send] = ()
    replayed: bool = False

    @property
    def total(self) -> int:
        return sum(self.states.values())

    @property
    def settled(self) -> bool:
        """Whether none of its sends continues by itself."""
        return all(state.settled for state in self.states)


class Batches(Service):
    """Many sends requested at once, one for each job, or many failed ones retried, or many waiting ones cancelled."""

    def __init__(self, d: Dependencies, store: StoreRequest, actions: SendActions) -> None:
        super().__init__(d)
        self._actions = actions
        self._store = store

    async def request(self, tenant_id: str, request: BatchRequest, *, idempotency_key: str | None = None) -> Batch:
        """Store all sends or none. Raises NotFound (connection; or the batch, if this repeats the request for one whose
        sends have been removed), Conflict (IDEMPOTENCY_KEY_REUSED)."""
        batch_id = self._ids.new("bat")
        key = None
        if idempotency_key:
            key = BoundKey.of(
                request.repeats_as or request.requested_by, idempotency_key, request.fingerprint(), batch_id
            )
        sends = request.new_sends(batch_id, self._ids)
        detail = {"sends": str(len(sends)), "connection": request.connection, "items": request.items.value}
        detail |= {} if request.tasks is TasksMode.NEW_ONLY else {"tasks": request.tasks.value}
        detail |= {"request_id": request.request_id} if request.request_id else {}
        act = Act(request.requested_by, "sends.requested", batch_id, detail)
        wanted = RequestedSends(slug=request.connection, sends=sends, key=key, act=act)
        stored = await self._store(tenant_id, wanted)
        if first := stored.first:
            return replace(await self.show(tenant_id, first.bound_to), replayed=True)
        slug = stored.connection.slug
        _log.info("batch.requested", tenant=tenant_id, connection=slug, batch=batch_id, sends=len(stored.sends))
        return Batch(batch_id, {SendState.QUEUED: len(stored.sends)}, stored.sends)

    async def show(self, tenant_id: str, batch_id: str) -> Batch:
        """Raises NotFound (BATCH_NOT_FOUND)."""
        async with self._transactions.begin(tenant_id) as t:
            states = await t.sends.count_batch(batch_id)
        if not states:
            raise NotFound(f"There is no batch {batch_id}.", code="BATCH_NOT_FOUND", fix="Look at the list of sends.")
        return Batch(batch_id, states)

    async def retry(self, tenant_id: str, send_ids: Sequence[str], *, by: str, batch_id: str | None = None) -> Batch:
        """Retry each send that is failed or waiting, at most LARGEST_BATCH. Other sends are left out of the batch.

        `batch_id` is of a batch that they join. Raises Conflict (NOTHING_TO_RETRY).
        """
        done = await self._each(tenant_id, send_ids, self._actions.retry_within, "retried", by, batch_id)
        if done is None:
            raise Conflict(
                "None of these sends can be retried: a send must need attention or be waiting for its next try.",
                code="NOTHING_TO_RETRY",
                fix="Load the list of sends again.",
            )
        return done

    async def cancel(self, tenant_id: str, send_ids: Sequence[str], *, by: str) -> Batch:
        """Cancel each send that has written nothing yet, at most LARGEST_BATCH. Other sends are left out of the batch.

        Raises Conflict (NOTHING_TO_CANCEL).
        """
        done = await self._each(tenant_id, send_ids, self._actions.cancel_within, "cancelled", by)
        if done is None:
            raise Conflict(
                "None of these sends can be cancelled: only a send that waits and has written nothing yet can be.",
                code="NOTHING_TO_CANCEL",
                fix="Load the list of sends again.",
            )
        return done

    async def _each(
        self, tenant_id: str, send_ids: Sequence[str], act: _Act, done: str, by: str, batch_id: str | None = None
    ) -> Batch | None:
        """Do it with each send for which it is possible; None if it is for none. Each is its own transaction, so that a
        worker can start before the last one."""
        batch_id, gone = batch_id or self._ids.new("bat"), []
        for send_id in list(dict.fromkeys(send_ids))[:LARGEST_BATCH]:
            try:
                async with self._transactions.begin(tenant_id) as t:
                    gone.append(await act(t, send_id, by=by))
                    await t.sends.join_batch(batch_id, send_id)
            except (Conflict, NotFound):
                continue
        if not gone:
            return None
        async with self._transactions.begin(tenant_id) as t:
            detail = {"sends": str(len(gone))}
            await t.audit.record(AuditEntry(self._clock.now(), by, f"sends.{done}", batch_id, detail))
            states = await t.sends.count_batch(batch_id)
        _log.info(f"batch.{done}", tenant=tenant_id, batch=batch_id, sends=len(gone))
        return Batch(batch_id, states, gone)
