"""The worker: drains woken connections, wakes due ones that nobody woke, and takes over the work of dead workers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass

import structlog
from procrastinate import App, JobContext, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import DeleteJobCondition
from procrastinate.worker import Worker

from adapters.inbound.worker.due_work import DueKind, serve_until
from ports.storage.due_work import CONTINUATION, QUEUE, TASK, DueWork

_log = structlog.get_logger()
PRUNE_SECONDS = 3600.0
"""A worker that was only suspended must keep its row: its next fetch fails without it."""
POLL_SECONDS = 1.0
RESTART_SECONDS = 1.0
LAST_SWEEP_SECONDS = 5.0

Drain = Callable[[str], Awaitable[bool]]
KeepRetention = Callable[[], Awaitable[bool]]
RETENTION = "retention"
"""A queue of its own, because the sweeper takes every job of the other one for a drain."""
EVERY_HOUR = "17 * * * *"


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A worker writes a heartbeat every `every` seconds. After `stalled` seconds without one, other workers take over
    its work."""

    every: float = 2.0
    stalled: float = 12.0


HEARTBEAT = Heartbeat()


async def run_worker(
    dsn: str,
    due: DueWork,
    drain: Drain,
    kinds: Sequence[DueKind] = (),
    keep_retention: KeepRetention | None = None,
    *,
    concurrency: int = 10,
    stop: asyncio.Event | None = None,
    heartbeat: Heartbeat = HEARTBEAT,
) -> None:
    """Work until `stop` is set; running drains then finish their slice. Restarts the queue's worker if it fails.

    `drain` is called with every woken connection, for `concurrency` connections at the same time. `kinds` serve all
    other due work. One worker of all calls `keep_retention` every hour. `dsn` is the database of the queue.
    """
    stop, ending = stop or asyncio.Event(), asyncio.Event()
    ended: set[int] = set()
    stopped = asyncio.create_task(stop.wait())
    sweeper = asyncio.create_task(_sweep_until(stop, due, heartbeat, ended))
    beside = [asyncio.create_task(serve_until(stop, kind)) for kind in kinds]
    try:
        while not stop.is_set():
            running = _run_queue(
                dsn, due, drain, keep_retention, ended, concurrency=concurrency, heartbeat=heartbeat, ending=ending
            )
            await _run_queue_until(stopped, running, ending)
    finally:
        stop.set()
        await asyncio.wait({sweeper}, timeout=LAST_SWEEP_SECONDS)
        sweeper.cancel()  # nothing if it has ended; a database that is silent must not hold up the stop
        await asyncio.gather(stopped, sweeper, *beside, return_exceptions=True)


async def _run_queue_until(
    stopped: asyncio.Task[bool], running: Coroutine[None, None, None], ending: asyncio.Event
) -> None:
    """Run the queue's worker once. Ends it gracefully after `stopped`, and also if this task is cancelled."""
    worker = asyncio.create_task(running)
    try:
        await asyncio.wait({worker, stopped}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        if not worker.done():
            ending.set()
        await asyncio.wait({worker})
    if worker.cancelled():
        return
    # It ends without an error if its listener or its heartbeat lost the database.
    error = worker.exception()
    if not stopped.done():
        _log.warning("worker.restarted", error=type(error).__name__, detail=str(error)[:200])
        await asyncio.wait({stopped}, timeout=RESTART_SECONDS)


async def _sweep_until(stop: asyncio.Event, due: DueWork, heartbeat: Heartbeat, ended: set[int]) -> None:
    """Sweep until `stop` is set. A sweep that has begun may end first: if it is cancelled while its connection goes
    back to the pool, the connection stays open after the pool is closed.

    `ended` are the drains that ended here. The queue tries only once to store that one has ended. If the database is
    away just then, the drain would keep its connection for as long as this worker lives.
    """
    overdue: set[int] = set()
    while not stop.is_set():
        try:
            await due.sweep(heartbeat.stalled, overdue)
            ended -= overdue
        except Exception as error:  # the sweeper must survive: nothing else takes over the work of dead workers
            _log.warning("sweeper.failed", error=type(error).__name__, detail=str(error)[:200])
        overdue = set(ended)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), POLL_SECONDS)


async def _run_queue(
    dsn: str,
    due: DueWork,
    drain: Drain,
    keep_retention: KeepRetention | None,
    ended: set[int],
    *,
    concurrency: int,
    heartbeat: Heartbeat,
    ending: asyncio.Event,
) -> None:
    connector = PsycopgConnector(conninfo=dsn, min_size=1, max_size=concurrency + 2)
    app = App(connector=connector)

    @app.task(name=TASK, queue=QUEUE, pass_context=True)
    async def run_drain(context: JobContext, connection_id: str) -> None:
        try:
            await drain_slices(connection_id)
        finally:
            if context.job.id is not None:
                ended.add(context.job.id)

    async def drain_slices(connection_id: str) -> None:
        try:
            # A released lock wakes no worker before the next poll, so the next slice begins here unless others wait.
            while more := await drain(connection_id):
                if ending.is_set() or await due.others_wait(connection_id):
                    break
        except Exception:  # its rows are still due: the sweeper wakes the connection again
            _log.exception("drain.failed", connection_id=connection_id)
            return
        if more:
            again = run_drain.configure(lock=connection_id, queueing_lock=connection_id, priority=CONTINUATION)
            with suppress(AlreadyEnqueued):
                await again.defer_async(connection_id=connection_id)

    if keep_retention:
        _add_retention(app, keep_retention, ending)
    async with app.open_async():
        if ending.is_set():
            return
        worker = Worker(
            app,
            queues=[QUEUE, RETENTION],
            concurrency=concurrency,
            fetch_job_polling_interval=POLL_SECONDS,
            delete_jobs=DeleteJobCondition.ALWAYS,
            install_signal_handlers=False,
            update_heartbeat_interval=heartbeat.every,
            stalled_worker_timeout=PRUNE_SECONDS,
        )
        # Stopped by a call, not cancelled: at its start the database driver can lose a cancellation, and it runs on.
        telling = asyncio.create_task(_stop_when(ending, worker))
        try:
            await worker.run()  # type: ignore[no-untyped-call]
        finally:
            telling.cancel()


def _add_retention(app: App, keep_retention: KeepRetention, ending: asyncio.Event) -> None:
    """The queue makes one job of each hour, however many workers there are."""

    @app.periodic(cron=EVERY_HOUR)
    @app.task(name=RETENTION, queue=RETENTION)
    async def run_retention(timestamp: int) -> None:
        try:
            while await keep_retention() and not ending.is_set():
                pass
        except Exception:  # what is left is deleted in the next hour
            _log.exception("retention.failed")


async def _stop_when(ending: asyncio.Event, worker: Worker) -> None:
    await ending.wait()
    worker.stop()  # type: ignore[no-untyped-call]
