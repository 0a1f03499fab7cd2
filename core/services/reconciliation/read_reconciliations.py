"""Read reconciliations: a list of them, one with its counts, and its jobs page by page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from core.model.reconciliation.entry import DIFFERS, ReconciledJob, mark_of
from core.model.reconciliation.run import Reconciliation
from core.model.reconciliation.tally import ReconciliationTally
from core.services.service import Service

_READ_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class ReconciliationPage:
    """`next_before` is the `before` of the next page, None at the end."""

    runs: Sequence[Reconciliation]
    next_before: int | None


@dataclass(frozen=True, slots=True)
class ShownReconciliation:
    run: Reconciliation
    tally: ReconciliationTally


@dataclass(frozen=True, slots=True)
class ReconciledPage:
    """`next_after` is the `after` of the next page, None at the end."""

    jobs: Sequence[ReconciledJob]
    next_after: str | None


class ReadReconciliations(Service):
    async def page(self, tenant_id: str, *, limit: int = 50, before: int | None = None) -> ReconciliationPage:
        """Newest first."""
        async with self._transactions.begin(tenant_id) as t:
            found = await t.reconciliations.page(limit=limit + 1, before=before)
        return ReconciliationPage(found[:limit], found[limit - 1].seq if len(found) > limit else None)

    async def show(self, tenant_id: str, run_id: str) -> ShownReconciliation:
        """Raises NotFound (RECONCILIATION_NOT_FOUND)."""
        async with self._transactions.begin(tenant_id) as t:
            return ShownReconciliation(await t.reconciliations.get(run_id), await t.reconciliations.tally(run_id))

    async def jobs(
        self,
        tenant_id: str,
        run_id: str,
        *,
        kind: str | None = DIFFERS,
        connection: str | None = None,
        limit: int = 100,
        after: str | None = None,
    ) -> ReconciledPage:
        """Jobs by id. `kind` is a kind of difference, `differs` for any, `accounted` for jobs without one, None for
        all; `connection` a slug, '' for jobs that belong to none yet, None for all. Raises NotFound."""
        mark = None if kind is None and connection is None else mark_of(kind or "", connection)
        async with self._transactions.begin(tenant_id) as t:
            await t.reconciliations.get(run_id)
            found = await t.reconciliations.jobs(run_id, mark, limit=limit + 1, after=after)
        return ReconciledPage(found[:limit], found[limit - 1].job_id if len(found) > limit else None)

    async def all_jobs(
        self, tenant_id: str, run_id: str, *, kind: str | None = DIFFERS, connection: str | None = None
    ) -> AsyncIterator[Sequence[ReconciledJob]]:
        """All of them, page by page. Raises NotFound."""
        after: str | None = None
        while True:
            page = await self.jobs(
                tenant_id, run_id, kind=kind, connection=connection, limit=_READ_AT_ONCE, after=after
            )
            yield page.jobs
            if (after := page.next_after) is None:
                return
