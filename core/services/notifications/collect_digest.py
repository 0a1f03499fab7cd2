"""Collect what a daily summary says: from our own rows, and the reconciliation of the last days."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.model.notifications.content import MOST_ROWS
from core.model.notifications.digest import CompletedJobs, DigestFacts
from core.model.reconciliation.entry import DIFFERS
from core.model.reconciliation.run import Reconciliation
from core.services.reconciliation.carry_out_reconciliation import CarryOutReconciliation
from core.services.reconciliation.start_reconciliation import StartReconciliation
from core.services.service import Dependencies, Service
from ports.storage.creations import CreationFilter
from ports.storage.transactions import TenantTransaction

_MOST_DOUBTS, _MOST_NOTICES = 500, 500
PATIENCE = timedelta(minutes=45)
"""So long after its hour and the start, a summary waits for the reconciliation. Then it tells that none has ended."""


class CollectDigest(Service):
    """Summaries of one tenant within an hour tell of one reconciliation."""

    def __init__(self, d: Dependencies, carry_out: CarryOutReconciliation) -> None:
        super().__init__(d)
        self._start = StartReconciliation(d)
        self._carry_out = carry_out

    async def reconciled(self, tenant_id: str, digest_at: datetime) -> tuple[Reconciliation | None, bool]:
        """The reconciliation for a summary that was due at `digest_at`, None for a tenant without connections; and
        whether it is time to tell: it has ended, or the summary has waited long enough."""
        async with self._transactions.begin(tenant_id) as t:
            if not await t.connections.all():
                return None, True
            run, new = await self._start.for_summary(t)
        if new:  # its first slice, so that a small tenant has its summary at once
            await self._carry_out(tenant_id, run.id)
        async with self._transactions.begin(tenant_id) as t:
            run, now = await t.reconciliations.get(run.id), await t.now()
        # After a time without a worker the hour is long over, and the reconciliation may have just begun.
        return run, not run.running or now - max(digest_at, run.created_at) >= PATIENCE

    async def __call__(
        self, t: TenantTransaction, run: Reconciliation | None, since: datetime, until: datetime
    ) -> DigestFacts:
        """The facts of a summary, in the transaction that stores it."""
        return DigestFacts(
            since=since,
            until=until,
            finished=await t.notifications.ended_between(since, until),
            jobs=await t.counts.jobs(),
            notices=tuple(await t.warnings.beside_sends(limit=_MOST_NOTICES)),
            doubts=tuple(await t.ledger.doubts(limit=_MOST_DOUBTS)),
            new_records=tuple(await t.creations.page(CreationFilter(needs_person=True), limit=_MOST_DOUBTS)),
            connections=tuple(await t.connections.all()),
            completed=await self._completed(t, run) if run else None,
        )

    async def _completed(self, t: TenantTransaction, run: Reconciliation) -> CompletedJobs:
        return CompletedJobs(
            run=run,
            tally=await t.reconciliations.tally(run.id),
            jobs=tuple(await t.reconciliations.jobs(run.id, DIFFERS, limit=MOST_ROWS)),
            late=run.running,
        )
