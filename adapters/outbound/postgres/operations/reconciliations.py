"""Reconciliations of a tenant, and the jobs of each with what was found."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, RowMapping, case, delete, func, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from adapters.outbound.postgres.due_moments import DueMoments
from adapters.outbound.postgres.records import columns, made, storable
from adapters.outbound.postgres.repository import Repository, newest
from adapters.outbound.postgres.tables.reconciling import reconciled_jobs, reconciliations
from core.model.reconciliation.entry import Entry, ReconciledJob, Sums
from core.model.reconciliation.run import ListedJob, Reconciliation
from core.model.reconciliation.tally import ReconciliationTally
from core.model.shared.errors import NotFound
from ports.storage.due_work import WorkKind
from ports.storage.operations.reconciliations import Reconciliations

_KIND = WorkKind.RECONCILIATION
_ENTRIES = TypeAdapter(tuple[Entry, ...])
_MARKS = text(
    "SELECT mark, count(*) FROM reconciled_jobs, jsonb_array_elements_text(marks) mark"
    " WHERE tenant_id = :tenant AND run_id = :run AND checked_at IS NOT NULL GROUP BY mark"
)
_SUMS = text(
    "SELECT entry ->> 'connection' AS connection,"
    " sum((entry #>> '{sums,posted_quantity}')::numeric) AS posted_quantity,"
    " sum((entry #>> '{sums,posted_amount}')::numeric) AS posted_amount,"
    " sum((entry #>> '{sums,open_quantity}')::numeric) AS open_quantity,"
    " sum((entry #>> '{sums,open_amount}')::numeric) AS open_amount"
    " FROM reconciled_jobs, jsonb_array_elements(entries) entry"
    " WHERE tenant_id = :tenant AND run_id = :run AND checked_at IS NOT NULL GROUP BY 1"
)


class PostgresReconciliations(Repository, Reconciliations):
    _tenant_id: str

    async def add(self, run: Reconciliation, due_at: datetime) -> None:
        await self._add(reconciliations, columns(run, "seq"))
        await self._due.add(_KIND, run.id)
        await self._due.wake(_KIND, run.id, due_at)

    async def get(self, run_id: str, *, lock: bool = False) -> Reconciliation:
        query = select(reconciliations).where(self._ours(reconciliations, id=run_id))
        return made(Reconciliation, await self._row_or(_missing(run_id), query.with_for_update() if lock else query))

    async def page(self, *, limit: int = 50, before: int | None = None) -> Sequence[Reconciliation]:
        query = select(reconciliations).where(self._ours(reconciliations))
        found = await self._rows(newest(query, reconciliations.c.seq, limit, before))
        return [made(Reconciliation, row) for row in found]

    async def running(self) -> Sequence[Reconciliation]:
        await self._run(select(func.pg_advisory_xact_lock(func.hashtextextended(f"reconcile {self._tenant_id}", 0))))
        running = reconciliations.c.state == "running"
        query = select(reconciliations).where(self._ours(reconciliations), running).order_by(reconciliations.c.seq)
        return [made(Reconciliation, row) for row in await self._rows(query)]

    async def save(self, run: Reconciliation) -> None:
        this = update(reconciliations).where(self._ours(reconciliations, id=run.id))
        await self._run_or(_missing(run.id), this.values(columns(run, "seq", "id", "tenant_id")))

    async def set_due(self, run_id: str, due_at: datetime | None) -> None:
        if due_at is None:
            await self._due.remove(run_id)
        else:
            await self._due.set(_KIND, run_id, due_at)

    async def enter(self, run_id: str, round: int, jobs: Collection[ListedJob]) -> None:
        if not jobs:
            return
        rows = [
            storable(
                {
                    "tenant_id": self._tenant_id,
                    "run_id": run_id,
                    "job_id": job.id,
                    "round": round,
                    "completed_on": job.completed_on,
                    "updated": job.updated,
                    "unreadable": job.unreadable,
                    "number": "",
                    "customer": "",
                    "entries": [],
                    "marks": [],
                }
            )
            for job in sorted(jobs, key=lambda one: one.id)
        ]
        added = insert(reconciled_jobs).values(rows)
        stored, listed = reconciled_jobs.c, added.excluded
        pairs = [(stored[name], listed[name]) for name in ("completed_on", "updated", "unreadable")]
        same = tuple_(*(old for old, _ in pairs)).is_not_distinct_from(tuple_(*(new for _, new in pairs)))
        changes: dict[str, Any] = {name: listed[name] for name in ("round", "completed_on", "updated", "unreadable")}
        changes["checked_at"] = case((same, stored.checked_at), else_=None)
        await self._run(added.on_conflict_do_update(index_elements=["run_id", "job_id"], set_=changes))

    async def drop_unlisted(self, run_id: str, round: int) -> int:
        return await self._run(delete(reconciled_jobs).where(self._of(run_id), reconciled_jobs.c.round < round))

    async def unchecked(self, run_id: str, limit: int) -> Sequence[ListedJob]:
        new = reconciled_jobs.c.checked_at.is_(None)
        query = select(reconciled_jobs).where(self._of(run_id), new).order_by(reconciled_jobs.c.job_id).limit(limit)
        return [made(ListedJob, row, id=row["job_id"]) for row in await self._rows(query)]

    async def store(self, run_id: str, jobs: Collection[ReconciledJob]) -> None:
        for job in jobs:
            as_read = [reconciled_jobs.c[name].is_not_distinct_from(getattr(job, name)) for name in _AS_LISTED]
            values = storable(
                {
                    "checked_at": job.checked_at,
                    "number": job.number,
                    "customer": job.customer,
                    "entries": _ENTRIES.dump_python(job.entries, mode="json"),
                    "marks": list(job.marks),
                }
            )
            this = update(reconciled_jobs).where(self._of(run_id), reconciled_jobs.c.job_id == job.job_id, *as_read)
            await self._run(this.values(values))

    async def jobs(
        self, run_id: str, mark: str | None = None, *, limit: int = 100, after: str | None = None
    ) -> Sequence[ReconciledJob]:
        query = select(reconciled_jobs).where(self._of(run_id), reconciled_jobs.c.checked_at.is_not(None))
        if mark is not None:
            query = query.where(reconciled_jobs.c.marks.contains([mark]))
        if after is not None:
            query = query.where(reconciled_jobs.c.job_id > after)
        return [_job_of(row) for row in await self._rows(query.order_by(reconciled_jobs.c.job_id).limit(limit))]

    async def tally(self, run_id: str) -> ReconciliationTally:
        count = select(func.count().label("listed"), func.count(reconciled_jobs.c.checked_at).label("checked"))
        row = await self._row(count.select_from(reconciled_jobs).where(self._of(run_id)))
        asked = {"tenant": self._tenant_id, "run": run_id}
        marks = (await self._connection.execute(_MARKS, asked)).all()
        sums = (await self._connection.execute(_SUMS, asked)).mappings().all()
        return ReconciliationTally(
            listed=row["listed"] if row else 0,
            checked=row["checked"] if row else 0,
            marks={str(mark): int(number) for mark, number in marks},
            sums={one["connection"]: made(Sums, one) for one in sums},
        )

    @property
    def _due(self) -> DueMoments:
        return DueMoments(self._connection, self._tenant_id)

    def _of(self, run_id: str) -> ColumnElement[bool]:
        return self._ours(reconciled_jobs, run_id=run_id)


_AS_LISTED = ("completed_on", "updated")


def _job_of(row: RowMapping) -> ReconciledJob:
    entries: Any = _ENTRIES.validate_python(row["entries"])
    return made(ReconciledJob, row, entries=entries)


def _missing(run_id: str) -> NotFound:
    return NotFound(
        f"There is no reconciliation {run_id}.",
        code="RECONCILIATION_NOT_FOUND",
        fix="Look in the list of reconciliations. Old ones are deleted.",
    )
