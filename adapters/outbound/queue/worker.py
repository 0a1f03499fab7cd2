"""The worker: drains woken connections, sweeps up what was not woken, rescues what a dead worker left behind."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import DeleteJobCondition
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from adapters.outbound.postgres.role import as_role, as_role_dsn
from adapters.outbound.queue.work_queue import CONTINUATION, QUEUE, TASK, PostgresWorkQueue

_log = structlog.get_logger()
HEARTBEAT_SECONDS = 2.0
STALLED_SECONDS = 12.0
PRUNE_SECONDS = 3600.0
"""A worker that only slept must not be struck off the list: its next fetch would break on the missing row."""
POLL_SECONDS = 1.0
RESTART_SECONDS = 1.0

Drain = Callable[[str], Awaitable[bool]]

_RESCUE = text(
    "SELECT procrastinate_finish_job_v1(j.id, 'failed', true), j.lock FROM ("
    "  SELECT jobs.id, jobs.lock FROM procrastinate_jobs jobs"
    "  LEFT JOIN procrastinate_workers w ON w.id = jobs.worker_id"
    "  WHERE jobs.status = 'doing' AND jobs.queue_name = :queue"
    "    AND (w.id IS NULL OR w.last_heartbeat < now() - make_interval(secs => :stalled))"
    "  FOR UPDATE OF jobs SKIP LOCKED) j"
)
_DUE = text(
    "SELECT connection_id FROM connection_due d WHERE due_at <= now() AND NOT EXISTS ("
    "  SELECT 1 FROM procrastinate_jobs j WHERE j.lock = d.connection_id AND j.status IN ('todo', 'doing'))"
    " ORDER BY connection_id LIMIT 500"
)
_ALIVE = text(
    "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => :stalled)"
)


async def run_worker(url: str, drain: Drain, *, concurrency: int = 10, stop: asyncio.Event | None = None) -> None:
    """Work until `stop` is set; running drains then finish their slice. Starts anew if the queue's worker breaks."""
    stop = stop or asyncio.Event()
    stopped = asyncio.create_task(stop.wait())
    sweeper = asyncio.create_task(_sweep_forever(url))
    try:
        while not stop.is_set():
            worker = asyncio.create_task(_run_queue(url, drain, concurrency=concurrency, wait=True))
            await asyncio.wait({worker, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if not worker.done():
                worker.cancel()  # Procrastinate takes this as the wish to stop gracefully
            with suppress(asyncio.CancelledError):
                try:
                    await worker
                except Exception as error:
                    _log.warning("worker.restarted", error=type(error).__name__, detail=str(error)[:200])
                    await asyncio.wait({stopped}, timeout=RESTART_SECONDS)
    finally:
        for task in (sweeper, stopped):
            task.cancel()
        await asyncio.gather(sweeper, stopped, return_exceptions=True)


async def run_until_idle(url: str, drain: Drain) -> None:
    """Work off what is queued now, in this process, and return."""
    await _run_queue(url, drain, concurrency=1, wait=False)


async def workers_alive(url: str) -> int:
    """How many workers have given a sign of life lately."""
    engine = create_async_engine(as_role(url))
    try:
        async with engine.connect() as connection:
            return int((await connection.execute(_ALIVE, {"stalled": STALLED_SECONDS})).scalar_one())
    finally:
        await engine.dispose()


async def sweep(engine: AsyncEngine) -> int:
    """Free what dead workers held, wake what is due and nobody woke. Returns how many were woken."""
    async with engine.begin() as connection:
        rescued = await connection.execute(_RESCUE, {"queue": QUEUE, "stalled": STALLED_SECONDS})
        freed = [row.lock for row in rescued]
    for connection_id in freed:
        _log.warning("drain.rescued", connection_id=connection_id)
    async with engine.begin() as connection:
        due = (await connection.execute(_DUE)).scalars().all()
        queue = PostgresWorkQueue(connection)
        for connection_id in sorted({*due, *freed}):  # one order for everybody, so that two sweepers never deadlock
            await queue.wake(connection_id)
    return len(due)


async def _sweep_forever(url: str) -> None:
    engine = create_async_engine(as_role(url), pool_size=1)
    try:
        while True:
            try:
                await sweep(engine)
            except DBAPIError as error:
                _log.warning("sweeper.failed", error=type(error.orig).__name__)
            await asyncio.sleep(POLL_SECONDS)
    finally:
        await engine.dispose()


async def _run_queue(url: str, drain: Drain, *, concurrency: int, wait: bool) -> None:
    connector = PsycopgConnector(conninfo=as_role_dsn(url), min_size=1, max_size=concurrency + 2)
    app = App(connector=connector)

    @app.task(name=TASK, queue=QUEUE)
    async def run_drain(connection_id: str) -> None:
        if await drain(connection_id):
            again = run_drain.configure(lock=connection_id, queueing_lock=connection_id, priority=CONTINUATION)
            with suppress(AlreadyEnqueued):
                await again.defer_async(connection_id=connection_id)

    async with app.open_async():
        await app.run_worker_async(
            queues=[QUEUE],
            concurrency=concurrency,
            wait=wait,
            fetch_job_polling_interval=POLL_SECONDS,
            delete_jobs=DeleteJobCondition.ALWAYS,
            install_signal_handlers=False,
            update_heartbeat_interval=HEARTBEAT_SECONDS,
            stalled_worker_timeout=PRUNE_SECONDS,
        )
