"""Reconciliations and their jobs, in memory."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from adapters.outbound.memory.repository import Repository
from adapters.outbound.memory.rows import StoredReconciledJob
from core.model.reconciliation.entry import ReconciledJob, Sums
from core.model.reconciliation.run import ListedJob, Reconciliation
from core.model.reconciliation.tally import ReconciliationTally
from core.model.shared.errors import NotFound
from ports.storage.due_work import WorkKind
from ports.storage.operations.reconciliations import Reconciliations

_KIND = WorkKind.RECONCILIATION


class MemoryReconciliations(Repository, Reconciliations):
    async def add(self, run: Reconciliation, due_at: datetime) -> None:
        seq = max((one.seq for one in self._rows.reconciliations.values()), default=0) + 1
        self._rows.reconciliations[run.id] = replace(run, seq=seq)
        self._wake(_KIND, run.id, due_at)

    async def get(self, run_id: str, *, lock: bool = False) -> Reconciliation:
        run = self._rows.reconciliations.get(run_id)
        if run is None or run.tenant_id != self._tenant_id:
            raise NotFound(f"There is no reconciliation {run_id}.", code="RECONCILIATION_NOT_FOUND")
        return run

    async def page(self, *, limit: int = 50, before: int | None = None) -> Sequence[Reconciliation]:
        found = [one for one in self._ours() if before is None or one.seq < before]
        return sorted(found, key=lambda one: -one.seq)[:limit]

    async def running(self) -> Sequence[Reconciliation]:
        return [one for one in self._ours() if one.running]

    async def save(self, run: Reconciliation) -> None:
        self._rows.reconciliations[run.id] = replace(run, seq=(await self.get(run.id)).seq)

    async def set_due(self, run_id: str, due_at: datetime | None) -> None:
        self._set_due(_KIND, run_id, due_at)

    async def enter(self, run_id: str, round: int, jobs: Collection[ListedJob]) -> None:
        await self.get(run_id)
        for job in jobs:
            stored = self._rows.reconciled_jobs.get((run_id, job.id))
            found = stored.found if stored and stored.listed == job else None
            self._rows.reconciled_jobs[run_id, job.id] = StoredReconciledJob(job, round, found)

    async def drop_unlisted(self, run_id: str, round: int) -> int:
        await self.get(run_id)
        old = [key for key, one in self._rows.reconciled_jobs.items() if key[0] == run_id and one.round < round]
        for key in old:
            del self._rows.reconciled_jobs[key]
        return len(old)

    async def unchecked(self, run_id: str, limit: int) -> Sequence[ListedJob]:
        return [one.listed for one in self._of(run_id) if one.found is None][:limit]

    async def store(self, run_id: str, jobs: Collection[ReconciledJob]) -> None:
        for job in jobs:
            stored = self._rows.reconciled_jobs.get((run_id, job.job_id))
            if stored and (stored.listed.completed_on, stored.listed.updated) == (job.completed_on, job.updated):
                self._rows.reconciled_jobs[run_id, job.job_id] = replace(stored, found=job)

    async def jobs(
        self, run_id: str, mark: str | None = None, *, limit: int = 100, after: str | None = None
    ) -> Sequence[ReconciledJob]:
        found = [one.found for one in self._of(run_id) if one.found]
        wanted = [job for job in found if (after is None or job.job_id > after) and (not mark or mark in job.marks)]
        return wanted[:limit]

    async def tally(self, run_id: str) -> ReconciliationTally:
        stored = self._of(run_id)
        found = [one.found for one in stored if one.found]
        sums: dict[str, Sums] = defaultdict(Sums)
        for entry in (entry for job in found for entry in job.entries):
            sums[entry.connection] += entry.sums
        marks = Counter(mark for job in found for mark in job.marks)
        return ReconciliationTally(listed=len(stored), checked=len(found), marks=marks, sums=sums)

    def _ours(self) -> list[Reconciliation]:
        return [one for one in self._rows.reconciliations.values() if one.tenant_id == self._tenant_id]

    def _of(self, run_id: str) -> list[StoredReconciledJob]:
        """The jobs by id; none for a reconciliation of another tenant."""
        if run_id not in {one.id for one in self._ours()}:
            return []
        return [one for key, one in sorted(self._rows.reconciled_jobs.items()) if key[0] == run_id]
