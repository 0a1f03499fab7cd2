"""Send the jobs that a reconciliation found as never sent: their work orders only, after a look at each.

A work order may be sent twice: the second send changes nothing. Items cannot, so they never go from here: a person
chooses them job by job. Acts of others that may come in between: somebody sends one of the jobs, or the comparison is
old. So only a fresh comparison is acted on, and only jobs that it names.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.model.reconciliation.compare import NEVER_SENT
from core.model.reconciliation.entry import Difference, Kind, Place, ReconciledJob
from core.model.reconciliation.run import Reconciliation
from core.model.shared.errors import BadInput, Conflict
from core.services.reconciliation.read_reconciliations import ReadReconciliations
from core.services.sending.batches import LARGEST_BATCH, Batch, Batches, BatchRequest
from core.services.service import Dependencies, Service

FRESH_FOR = timedelta(hours=1)
"""After that, too much may have been sent since."""


@dataclass(frozen=True, slots=True)
class MissingJob:
    """`would_fail`: why a send would fail now, '' if nothing is known to stop it."""

    job: ReconciledJob
    would_fail: str


@dataclass(frozen=True, slots=True)
class MissingJobs:
    """`more`: there are more than one batch holds. `fresh`: they may be sent from here."""

    run: Reconciliation
    jobs: Sequence[MissingJob]
    more: bool
    fresh: bool


class SendMissing(Service):
    def __init__(self, d: Dependencies, reading: ReadReconciliations, batches: Batches) -> None:
        super().__init__(d)
        self._reading = reading
        self._batches = batches

    async def look(self, tenant_id: str, run_id: str, slug: str) -> MissingJobs:
        """The jobs of a connection that were never sent, by id, at most LARGEST_BATCH.

        Raises NotFound (RECONCILIATION_NOT_FOUND).
        """
        run = (await self._reading.show(tenant_id, run_id)).run
        async with self._transactions.begin(tenant_id) as t:
            now = await t.now()
        found: list[MissingJob] = []
        async for jobs in self._reading.all_jobs(tenant_id, run_id, kind=Kind.MISSING.value, connection=slug):
            found += [MissingJob(job, _would_fail(one)) for job in jobs if (one := _never_sent(job, slug))]
            if len(found) > LARGEST_BATCH:
                break
        return MissingJobs(run, found[:LARGEST_BATCH], len(found) > LARGEST_BATCH, sendable(run, now))

    async def __call__(
        self, tenant_id: str, run_id: str, slug: str, job_ids: Collection[str], *, by: str, request_id: str, once: str
    ) -> Batch:
        """Send the work orders of these jobs, as far as they are among those of `look`. The same `once` a second time
        returns the first batch.

        Raises as `look`, Conflict (RECONCILIATION_TOO_OLD), BadInput if none is left, and as Batches.request.
        """
        missing = await self.look(tenant_id, run_id, slug)
        if not missing.fresh:
            raise Conflict(
                "This comparison still runs, or ended more than an hour ago.",
                code="RECONCILIATION_TOO_OLD",
                fix="Compare these days again, and then send what is missing.",
            )
        chosen = tuple(one.job.job_id for one in missing.jobs if one.job.job_id in job_ids)
        if not chosen:
            raise BadInput("No job is ticked.", fix="Go back and tick the jobs that should be sent.")
        wanted = BatchRequest(connection=slug, job_ids=chosen, requested_by=by, request_id=request_id)
        return await self._batches.request(tenant_id, wanted, idempotency_key=once or None)


def sendable(run: Reconciliation, now: datetime) -> bool:
    """Whether the comparison is new enough to act on many of its jobs at once."""
    return run.finished_at is not None and now - run.finished_at <= FRESH_FOR


def _never_sent(job: ReconciledJob, slug: str) -> Difference | None:
    told = (one for entry in job.entries if entry.connection == slug for one in entry.differences)
    return next((one for one in told if one.kind is Kind.MISSING and one.place is Place.JOB), None)


def _would_fail(one: Difference) -> str:
    return one.message.removeprefix(NEVER_SENT).strip()
