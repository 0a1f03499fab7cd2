"""Request many sends as one batch: one for each job, all stored or none."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog

from core.model.sending.send import Send, SendState
from core.model.shared.errors import NotFound
from core.model.work_orders.cost_line import ItemsMode
from core.services.sending.lifecycle.commit_change import CommitChange
from core.services.sending.request_send import SendRequest, key_reused, new_send, supersede_waiting
from ports.ids import Ids
from ports.storage.transactions import Transactions

_log = structlog.get_logger()
LARGEST_BATCH = 500
"""The most sends in one batch, new or retried."""


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


class RequestBatch:
    def __init__(self, transactions: Transactions, commit: CommitChange, ids: Ids) -> None:
        self._transactions = transactions
        self._commit = commit
        self._ids = ids

    async def __call__(self, tenant_id: str, request: BatchRequest, *, idempotency_key: str | None = None) -> Batch:
        """Raises NotFound (connection), Conflict (IDEMPOTENCY_KEY_REUSED)."""
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
            await t.connections.set_due(connection.id, now, only_earlier=True)
            await t.queue.wake(connection.id)
        _log.info("batch.requested", tenant=tenant_id, connection=connection.slug, batch=batch_id, sends=len(sends))
        return Batch(batch_id, {SendState.QUEUED: len(sends)}, sends)

    async def show(self, tenant_id: str, batch_id: str) -> Batch:
        """Raises NotFound (BATCH_NOT_FOUND)."""
        async with self._transactions.begin(tenant_id) as t:
            states = await t.sends.count_batch(batch_id)
        if not states:
            raise NotFound(f"There is no batch {batch_id}.", code="BATCH_NOT_FOUND", fix="Look at the list of sends.")
        return Batch(batch_id, states)
