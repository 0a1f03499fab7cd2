"""Carry out a reconciliation in short slices: list the completed jobs, check each, and list them again.

It is whole only if a second reading of the list, after the last check, shows the same jobs with the same times: pages
of a list shift when a job is reopened while it is read, and a job may change after it was checked.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta

import structlog

from core.model.reconciliation.entry import Kind, ReconciledJob
from core.model.reconciliation.run import MOST_JOBS, MOST_ROUNDS, ListedJob, Reconciliation, RunState, RunStep
from core.model.shared.error_words import words
from core.model.shared.errors import JobferryError, NotFound, TenantMends, TimeMends
from core.services.reconciliation.compare_job import CompareJob
from core.services.service import Dependencies, Service

_log = structlog.get_logger()
MOST_FAILURES = 30
"""In a row; then it ends incomplete. With the pauses between them, this takes hours."""
_AT_ONCE, _STORED_AT_ONCE = 4, 8
_LISTED_AT_ONCE = 100


class CarryOutReconciliation(Service):
    def __init__(self, d: Dependencies, compare_job: CompareJob) -> None:
        super().__init__(d)
        self._compare_job = compare_job

    async def __call__(self, tenant_id: str, run_id: str) -> None:
        """Work for one slice, then store when it continues. Any part may safely run twice."""
        over = self._begin_slice()
        try:
            while (run := await self._running(tenant_id, run_id)) and not over():
                if run.step is RunStep.LIST:
                    await self._list(tenant_id, run)
                else:
                    await self._check(tenant_id, run)
        except NotFound:  # removed meanwhile, with its tenant
            return
        except Exception as error:  # whatever it is: the reconciliation must end, and say why
            await self._failed(tenant_id, run_id, error)
            return
        if run:
            async with self._transactions.begin(tenant_id) as t:
                await t.reconciliations.set_due(run_id, await t.now())

    async def _running(self, tenant_id: str, run_id: str) -> Reconciliation | None:
        async with self._transactions.begin(tenant_id) as t:
            run = await t.reconciliations.get(run_id)
            if not run.running:
                await t.reconciliations.set_due(run_id, None)
            return run if run.running else None

    async def _list(self, tenant_id: str, run: Reconciliation) -> None:
        """Read the whole list. If the process dies, it is read from the start."""
        if run.round >= MOST_ROUNDS:
            reason = "Jobs of these days changed while they were read, again and again. Start it again later."
            await self._end(tenant_id, run, reason)
            return
        async with self._transactions.begin(tenant_id) as t:
            account = await t.account()
        this, listed, unnamed = run.round + 1, 0, False
        async for jobs in _batches(self._service_trade.completed_between(account, run.since, run.until)):
            named = [job for job in jobs if job.id]
            unnamed |= len(named) < len(jobs)
            listed += len(named)
            if listed > MOST_JOBS:
                await self._end(
                    tenant_id, run, f"These days have more than {MOST_JOBS:,} completed jobs. Choose fewer."
                )
                return
            async with self._transactions.begin(tenant_id) as t:
                now = await t.reconciliations.get(run.id, lock=True)
                if not now.running or now.round != run.round:  # another worker was faster, and may have ended it
                    return
                await t.reconciliations.enter(run.id, this, named)
        async with self._transactions.begin(tenant_id) as t:
            now = await t.reconciliations.get(run.id, lock=True)
            if not now.running or now.round != run.round:  # another worker was faster
                return
            dropped = await t.reconciliations.drop_unlisted(run.id, this)
            new = bool(await t.reconciliations.unchecked(run.id, 1))
            step = RunStep.CHECK if new else RunStep.LIST
            await t.reconciliations.save(
                replace(now, step=step, round=this, unnamed=now.unnamed or unnamed, failures=0, trouble="")
            )
        if not new and not dropped and this > 1:
            await self._end(tenant_id, run, "")

    async def _check(self, tenant_id: str, run: Reconciliation) -> None:
        async with self._transactions.begin(tenant_id) as t:
            listed = await t.reconciliations.unchecked(run.id, _STORED_AT_ONCE)
        found = await self._compare_all(tenant_id, listed)
        async with self._transactions.begin(tenant_id) as t:
            now = await t.reconciliations.get(run.id, lock=True)
            if not now.running:  # another worker was faster, and its result has been told
                return
            await t.reconciliations.store(run.id, found)
            if not listed or now.failures:
                step = now.step if listed or now.round != run.round else RunStep.LIST
                await t.reconciliations.save(replace(now, step=step, failures=0, trouble=""))

    async def _compare_all(self, tenant_id: str, listed: Sequence[ListedJob]) -> Sequence[ReconciledJob]:
        places = asyncio.Semaphore(_AT_ONCE)

        async def one(job: ListedJob) -> ReconciledJob:
            async with places:
                return await self._compare_job(tenant_id, job)

        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(one(job)) for job in listed]
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None
        return [task.result() for task in tasks]

    async def _failed(self, tenant_id: str, run_id: str, error: Exception) -> None:
        if isinstance(error, JobferryError):
            _log.warning("reconciliation.failed", tenant=tenant_id, run=run_id, code=error.code, reason=error.message)
        else:
            _log.exception("reconciliation.failed", tenant=tenant_id, run=run_id, exc_info=error)
        asked = error.retry_after if isinstance(error, TimeMends) else None
        async with self._transactions.begin(tenant_id) as t:
            run = await t.reconciliations.get(run_id, lock=True)
            if not run.running:
                return
            failures = run.failures + 1
            await t.reconciliations.save(replace(run, failures=failures, trouble=words(error)))
            pause = timedelta(seconds=max(asked, 1.0)) if asked else self._delays.held(failures)
            await t.reconciliations.set_due(run_id, await t.now() + pause)
        if isinstance(error, TenantMends) or failures >= MOST_FAILURES:
            await self._end(tenant_id, run, words(error))

    async def _end(self, tenant_id: str, run: Reconciliation, reason: str) -> None:
        """It is whole if there is no reason against it and every job could be read."""
        async with self._transactions.begin(tenant_id) as t:
            now = await t.reconciliations.get(run.id, lock=True)
            if not now.running:
                return
            tally = await t.reconciliations.tally(run.id)
            if not reason and tally.checked < tally.listed:  # another worker has listed a change meanwhile
                return
            unreadable = tally.of(Kind.UNREADABLE)
            if not reason and now.unnamed:
                reason = "ServiceTrade's list holds a job without an id, which could not be compared."
            elif not reason and unreadable:
                reason = f"{unreadable} {'job' if unreadable == 1 else 'jobs'} could not be read."
            state = RunState.INCOMPLETE if reason else RunState.WHOLE
            ended = replace(now, state=state, reason=reason, finished_at=await t.now(), trouble="")
            await t.reconciliations.save(ended)
            await t.reconciliations.set_due(run.id, None)
        _log.info(
            "reconciliation.ended",
            tenant=tenant_id,
            run=run.id,
            state=state.value,
            jobs=tally.checked,
            differs=tally.differs(),
            reason=reason or None,
        )


async def _batches(jobs: AsyncIterator[ListedJob]) -> AsyncIterator[Sequence[ListedJob]]:
    batch: list[ListedJob] = []
    async for job in jobs:
        batch.append(job)
        if len(batch) == _LISTED_AT_ONCE:
            yield batch
            batch = []
    yield batch
