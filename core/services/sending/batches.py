"""Batches: many sends requested at once, one for each job, or many failed ones retried."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog

from core.model.operations.audit import AuditEntry
from core.model.sending.send import Send, SendState
from core.model.shared.errors import Conflict, NotFound
from core.model.work_orders.cost_line import ItemsMode
from core.services.sending.lifecycle.commit_change import CommitChange
from core.services.sending.request_send import SendRequest, key_reused, new_send, supersede_waiting
from core.services.sending.send_actions import SendActions
from core.services.service import Dependencies, Service

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


class Batches(Service):
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
