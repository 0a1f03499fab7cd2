"""The worker: carries out due work in a fair order, and takes over the work of dead workers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog
from procrastinate import App, PsycopgConnector
from procrastinate.jobs import DeleteJobCondition, Job
from procrastinate.worker import Worker
from psycopg import AsyncConnection

from adapters.inbound.worker.repeated_failures import RepeatedFailures
from adapters.inbound.worker.sweeper import Sweeper, cancel
from ports.storage.due_work import DueSubject, DueWork, Slots, WorkKind

_log = structlog.get_logger()
PRUNE_SECONDS = 3600.0
"""A worker that was only suspended must keep its row: its next fetch fails without it."""
POLL_SECONDS = 1.0
RESTART_SECONDS = 1.0
LAST_SWEEP_SECONDS = 5.0
QUEUE_CONNECTIONS = 4
"""Of the queue to the database, however many slots there are: taking and ending a job are short."""

KeepRetention = Callable[[], Awaitable[bool]]
RETENTION = "retention"
EVERY_HOUR = "17 * * * *"
Verify = Callable[[AsyncConnection[Any]], Awaitable[None]]
GiveWay = Callable[[], bool]
"""Whether others wait for the slot of this work, or the worker stops."""
Serve = Callable[[str, str, GiveWay], Awaitable[bool]]
"""Called with tenant and subject. It works for a short slice, and longer while it need not give way. It returns True if
more is due at once. Otherwise it has stored when the subject is due next."""


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
    kinds: Mapping[WorkKind, Serve],
    slots: Slots,
    *,
    keep_retention: KeepRetention | None = None,
    stop: asyncio.Event | None = None,
    heartbeat: Heartbeat = HEARTBEAT,
    verify: Verify | None = None,
) -> None:
    """Work until `stop` is set; running slices are then finished. Restarts the queue's worker if it fails.

    `dsn` is the database of the queue; `verify` raises if a new session of it may not be used.
    Work of other kinds than `kinds` is left to other workers.
    One worker of all calls `keep_retention` every hour.
    """
    stop, ending = stop or asyncio.Event(), asyncio.Event()
    lost: list[Job] = []
    failing = RepeatedFailures()
    stopped = asyncio.create_task(stop.wait())
    try:
        while not stop.is_set():
            await _run_queue_until(
                stopped,
                _run_queue(dsn, due, kinds, slots, heartbeat, lost, ending, keep_retention, verify),
                ending,
                failing,
            )
    finally:
        stopped.cancel()
        await asyncio.gather(stopped, return_exceptions=True)


async def _run_queue_until(
    stopped: asyncio.Task[bool], running: Coroutine[None, None, None], ending: asyncio.Event, failing: RepeatedFailures
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
        if failing.is_news(str(error)):
            _log.warning("worker.restarted", error=type(error).__name__, detail=str(error)[:200])
        await asyncio.wait({stopped}, timeout=RESTART_SECONDS)


async def _run_queue(
    dsn: str,
    due: DueWork,
    kinds: Mapping[WorkKind, Serve],
    slots: Slots,
    heartbeat: Heartbeat,
    lost: list[Job],
    ending: asyncio.Event,
    keep_retention: KeepRetention | None,
    verify: Verify | None,
) -> None:
    app = App(connector=PsycopgConnector(conninfo=dsn, min_size=1, max_size=QUEUE_CONNECTIONS, configure=verify))
    sweeper = Sweeper(app, due, kinds, slots, stalled=heartbeat.stalled, lost=lost)
    for kind, serve in kinds.items():
        _add_task(app, kind, serve, due, sweeper, ending)
    if keep_retention:
        _add_retention(app, keep_retention, ending)
    async with app.open_async():
        if ending.is_set():
            return
        worker = Worker(
            app,
            queues=[*kinds, RETENTION],
            concurrency=slots.total,
            fetch_job_polling_interval=POLL_SECONDS,
            delete_jobs=DeleteJobCondition.ALWAYS,
            install_signal_handlers=False,
            update_heartbeat_interval=heartbeat.every,
            stalled_worker_timeout=PRUNE_SECONDS,
        )
        sweeping = asyncio.create_task(sweeper.sweep_for(worker))
        # Stopped by a call, not cancelled: at its start the database driver can lose a cancellation, and it runs on.
        telling = asyncio.create_task(_stop_when(ending, worker, sweeper))
        try:
            await worker.run()  # type: ignore[no-untyped-call]
        finally:
            telling.cancel()
            sweeper.stop()
            # A sweep that has begun may end: if it is cancelled while its connection goes back to the pool, the
            # connection stays open after the pool is closed. But a silent database must not hold up the stop.
            await asyncio.wait({sweeping}, timeout=LAST_SWEEP_SECONDS)
            await cancel(sweeping)


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


async def _stop_when(ending: asyncio.Event, worker: Worker, sweeper: Sweeper) -> None:
    await ending.wait()
    sweeper.stop()
    worker.stop()  # type: ignore[no-untyped-call]


def _add_task(app: App, kind: WorkKind, serve: Serve, due: DueWork, sweeper: Sweeper, ending: asyncio.Event) -> None:
    @app.task(name=kind, queue=kind)
    async def run(tenant_id: str, subject: str) -> None:
        work = DueSubject(kind, tenant_id, subject)

        def give_way() -> bool:
            return ending.is_set() or sweeper.gives_way(tenant_id)

        try:
            while await serve(tenant_id, subject, give_way):
                if give_way():
                    await due.put_back(work)
                    return
                await asyncio.sleep(0)  # also if a slice never waited, everybody else goes on
        except Exception:
            _log.exception(f"{kind}.failed", tenant=tenant_id, subject=subject)
            with suppress(Exception):  # the database is away: it is due at once when the database is back
                await due.postpone(work)
