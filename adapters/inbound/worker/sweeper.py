"""The sweeper: queues due work for this worker's free slots, and frees the work of dead workers."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from contextlib import suppress

import psycopg
import structlog
from procrastinate import App
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager
from procrastinate.worker import Worker

from adapters.inbound.worker.repeated_failures import RepeatedFailures
from ports.storage.due_work import DUE_CHANNEL, Admission, DueWork, Slots, WorkKind

_log = structlog.get_logger()
LOOK_SECONDS = 1.0
"""A notification can be lost. Without one, the sweeper looks this often."""
REST_SECONDS = 0.01
"""The shortest rest after a look: as long as the look took. What becomes due meanwhile is admitted by the next one."""
RETRY_SECONDS = 1.0


class LastingJobManager(JobManager):
    """Remembers the jobs whose end could not be stored.

    Procrastinate tries once. If the database is away just then, the job stays in the table, and keeps its subject and
    its slot for as long as the worker lives.
    """

    def __init__(self, app: App, ended: asyncio.Event, lost: list[Job]) -> None:
        super().__init__(app.connector)
        self._ended = ended
        self._lost = lost

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:
        """Store that a job has ended; the sweeper repeats what fails."""
        try:
            await super().finish_job(job, status, delete_job)
        except ConnectorException as error:
            if not isinstance(error.__cause__, psycopg.errors.RaiseException):  # that says: it was freed already
                self._lost.append(job)
                _log.warning(f"{job.task_name}.end_not_stored", subject=job.lock, detail=_detail(error))
        self._ended.set()

    async def finish_lost(self) -> None:
        lost = self._lost.copy()
        self._lost.clear()
        for job in lost:
            await self.finish_job(job, Status.FAILED, delete_job=True)


class Sweeper:
    """Looks when work becomes due, when a job of this worker has ended, and once a second."""

    def __init__(
        self, app: App, due: DueWork, kinds: Collection[WorkKind], slots: Slots, *, stalled: float, lost: list[Job]
    ) -> None:
        """`stalled` in seconds; `lost` are jobs of this process that have ended, and may still be in the queue."""
        self._found = Admission()
        self._failing = RepeatedFailures()
        self._due = due
        self._kinds = kinds
        self._slots = slots
        self._stalled = stalled
        self._stopped = False
        self._look = asyncio.Event()
        self._connector = app.connector
        self._jobs = app.job_manager = LastingJobManager(app, self._look, lost)

    def gives_way(self, tenant_id: str) -> bool:
        """Whether others waited at the last look for what this tenant's work occupies. It then ends after its slice."""
        return self._found.gives_way(tenant_id)

    def stop(self) -> None:
        """Admit nothing more. A look that has begun ends first."""
        self._stopped = True
        self._look.set()

    async def sweep_for(self, worker: Worker) -> None:
        """Sweep until `stop` is called."""
        listening = asyncio.create_task(self._listen())
        time, freed_at = asyncio.get_running_loop().time, 0.0
        try:
            while not self._stopped:
                self._look.clear()
                pause, began = LOOK_SECONDS, time()
                try:
                    if began - freed_at >= LOOK_SECONDS:
                        await self._free_dead()
                        freed_at = began
                    pause = await self._admit(worker.worker_id)
                    self._failing.ended()
                except Exception as error:  # the sweeper must survive: nothing else starts any work
                    if self._failing.is_news(detail := _detail(error)):
                        _log.warning("sweeper.failed", error=type(error).__name__, detail=detail)
                if not self._stopped:
                    await asyncio.sleep(max(REST_SECONDS, time() - began))
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._look.wait(), pause)
        finally:
            await cancel(listening)

    async def _admit(self, worker_id: int | None) -> float:
        """Queue what is due; return the seconds until the next look."""
        self._found = await self._due.admit(self._kinds, self._slots, worker_id=worker_id, stalled=self._stalled)
        return LOOK_SECONDS if self._found.next_in is None else min(self._found.next_in, LOOK_SECONDS)

    async def _free_dead(self) -> None:
        """End the jobs of workers that are gone or silent. What they worked on is still due."""
        await self._jobs.finish_lost()
        for job in await self._jobs.get_stalled_jobs(seconds_since_heartbeat=self._stalled):
            await self._jobs.finish_job(job, Status.FAILED, delete_job=True)
            _log.warning(f"{job.task_name}.rescued", subject=job.lock)

    async def _listen(self) -> None:
        while True:
            with suppress(ConnectorException):
                await self._connector.listen_notify(on_notification=self._hear, channels=[DUE_CHANNEL])
            await asyncio.sleep(RETRY_SECONDS)

    async def _hear(self, *, channel: str, payload: str) -> None:
        self._look.set()


async def cancel(task: asyncio.Task[None]) -> None:
    """Cancel a task until it has ended: at the start of a session the database driver can lose a cancellation."""
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=RETRY_SECONDS)


def _detail(error: Exception) -> str:
    return str(error.__cause__ or error)[:200]
