"""Retry many sends as one batch."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from core.model.operations.audit import AuditEntry
from core.model.shared.errors import Conflict, NotFound
from core.services.sending.request_batch import LARGEST_BATCH, Batch
from core.services.sending.retry_send import RetrySend
from ports.clock import Clock
from ports.ids import Ids
from ports.storage.transactions import Transactions

_log = structlog.get_logger()


class RetryBatch:
    def __init__(self, transactions: Transactions, retry_send: RetrySend, clock: Clock, ids: Ids) -> None:
        self._transactions = transactions
        self._retry_send = retry_send
        self._clock = clock
        self._ids = ids

    async def __call__(self, tenant_id: str, send_ids: Sequence[str], *, by: str) -> Batch:
        """Retry each send that is failed or waiting, at most LARGEST_BATCH. Other sends are left out of the batch.

        Each is its own transaction, so that a worker can start before the last one. Raises Conflict (NOTHING_TO_RETRY).
        """
        batch_id, gone = self._ids.new("bat"), []
        for send_id in list(dict.fromkeys(send_ids))[:LARGEST_BATCH]:
            try:
                async with self._transactions.begin(tenant_id) as t:
                    gone.append(await self._retry_send.within(t, send_id))
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
