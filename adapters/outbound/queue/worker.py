"""The worker: drains woken connections, sweeps up what was not woken, rescues what a dead worker left behind."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass

import structlog
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import DeleteJobCondition
from procrastinate.worker import Worker
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.outbound.postgres.engines import service_engine
from adapters.outbound.postgres.failures import unreachable
from adapters.outbound.postgres.role import as_role_dsn
from adapters.outbound.queue.deliverer import Deliver, deliver_until
from adapters.outbound.queue.follower import Follow, follow_until
from adapters.outbound.queue.keeper import Keep, keep_until
from adapters.outbound.queue.work_queue import CONTINUATION, QUEUE, TASK, PostgresWorkQueue

_log = structlog.get_logger()
PRUNE_SECONDS = 3600.0
"""A worker that only slept must not be struck off the list: its next fetch would break on the missing row."""
POLL_SECONDS = 1.0
RESTART_SECONDS = 1.0

Drain = Callable[[str], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Pulse:
    """Seconds between a worker's signs of life, and of silence until others take over what it held."""

    heartbeat: float = 2.0
    stalled: float = 12.0


PULSE = Pulse()

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
_OTHERS_WAIT = (
    "SELECT EXISTS (SELECT 1 FROM procrastinate_jobs j WHERE j.status = 'todo' AND j.queue_name = %(queue)s"
    "  AND j.lock <> %(connection_id)s AND NOT EXISTS ("
    "    SELECT 1 FROM procrastinate_jobs d WHERE d.lock = j.lock AND d.status = 'doing')) AS waiting"
)
_ALIVE = text(
    "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => :stalled)"
)


async def run_worker(
    url: str,
    drain: Drain,
    *,
    follow: Follow | None = None,
    deliver: Deliver | None = None,
    keep: Keep | None = None,
    concurrency: int = 10,
    stop: asyncio.Event | None = None,
    pulse: Pulse = PULSE,
) -> None:
    """Work until `stop` is set; running drains then finish their slice. Starts anew if the queue's worker breaks.

    `follow` is called for every tenant whose hints or poll are due, `deliver` for every webhook endpoint whose events
    are, `keep` for every client secret that is due to be looked at.
    """
    stop, ending = stop or asyncio.Event(), asyncio.Event()
    stopped = asyncio.create_task(stop.wait())
    sweeper = asyncio.create_task(_sweep_forever(url, pulse))
    loops = [follow_until(stop, url, follow)] if follow else []
    loops += [deliver_until(stop, url, deliver)] if deliver else []
    loops += [keep_until(stop, url, keep)] if keep else []
    beside = [asyncio.create_task(loop) for loop in loops]
    try:
        while not stop.is_set():
            running = _run_queue(url, drain, concurrency=concurrency, wait=True, pulse=pulse, ending=ending)
            await _run_queue_until(stopped, running, ending)
    finally:
        for task in (sweeper, stopped):
            task.cancel()
        await asyncio.gather(sweeper, stopped, return_exceptions=True)
        stop.set()
        await asyncio.gather(*beside)


async def _run_queue_until(
    stopped: asyncio.Task[bool], running: Coroutine[None, None, None], ending: asyncio.Event
) -> None:
    """One life of the queue's worker. Ends gracefully once `stopped`, also if we are cancelled ourselves."""
    worker = asyncio.create_task(running)
    try:
        await asyncio.wait({worker, stopped}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        if not worker.done():
            ending.set()
        await asyncio.wait({worker})
    if worker.cancelled():
        return
    # It also ends without an error: after its listener or its heartbeat lost the database.
    error = worker.exception()
    if not stopped.done():
        _log.warning("worker.restarted", error=type(error).__name__, detail=str(error)[:200])
        await asyncio.wait({stopped}, timeout=RESTART_SECONDS)


async def run_until_idle(url: str, drain: Drain) -> None:
    """Work off what is queued now, in this process, and return."""
    await _run_queue(url, drain, concurrency=1, wait=False, pulse=PULSE, ending=asyncio.Event())


async def workers_alive(url: str) -> int:
    """How many workers have given a sign of life lately. Raises OperatorMends (DATABASE_UNREACHABLE)."""
    engine = service_engine(url)
    try:
        async with engine.connect() as connection:
            return int((await connection.execute(_ALIVE, {"stalled": PULSE.stalled})).scalar_one())
    except DBAPIError as error:
        raise unreachable(error) from error
    finally:
        await engine.dispose()


async def sweep(engine: AsyncEngine, pulse: Pulse = PULSE) -> int:
    """Free what dead workers held, wake what is due and nobody woke. Returns how many were woken."""
    async with engine.begin() as connection:
        rescued = await connection.execute(_RESCUE, {"queue": QUEUE, "stalled": pulse.stalled})
        freed = [row.lock for row in rescued]
    for connection_id in freed:
        _log.warning("drain.rescued", connection_id=connection_id)
    async with engine.begin() as connection:
        due = (await connection.execute(_DUE)).scalars().all()
        queue = PostgresWorkQueue(connection)
        for connection_id in sorted({*due, *freed}):  # one order for everybody, so that two sweepers never deadlock
            await queue.wake(connection_id)
    return len(due)


async def _sweep_forever(url: str, pulse: Pulse) -> None:
    engine = service_engine(url, pool_size=1)
    try:
        while True:
            try:
                await sweep(engine, pulse)
            except Exception as error:  # whatever it was: without the sweeper, nobody is rescued any more
                _log.warning("sweeper.failed", error=type(error).__name__, detail=str(error)[:200])
            await asyncio.sleep(POLL_SECONDS)
    finally:
        await engine.dispose()


async def _others_wait(connector: PsycopgConnector, connection_id: str) -> bool:
    row = await connector.execute_query_one_async(_OTHERS_WAIT, queue=QUEUE, connection_id=connection_id)
    return bool(row["waiting"])


async def _run_queue(
    url: str, drain: Drain, *, concurrency: int, wait: bool, pulse: Pulse, ending: asyncio.Event
) -> None:
    connector = PsycopgConnector(conninfo=as_role_dsn(url), min_size=1, max_size=concurrency + 2)
    app = App(connector=connector)

    @app.task(name=TASK, queue=QUEUE)
    async def run_drain(connection_id: str) -> None:
        try:
            # A freed lock wakes nobody before the next poll, so the next slice begins right here unless others wait.
            while more := await drain(connection_id):
                if ending.is_set() or await _others_wait(connector, connection_id):
                    break
        except Exception:  # its rows are still due: the sweeper wakes it again
            _log.exception("drain.failed", connection_id=connection_id)
            return
        if more:
            again = run_drain.configure(lock=connection_id, queueing_lock=connection_id, priority=CONTINUATION)
            with suppress(AlreadyEnqueued):
                await again.defer_async(connection_id=connection_id)

    async with app.open_async():
        if ending.is_set():
            return
        worker = Worker(
            app,
            queues=[QUEUE],
            concurrency=concurrency,
            wait=wait,
            fetch_job_polling_interval=POLL_SECONDS,
            delete_jobs=DeleteJobCondition.ALWAYS,
            install_signal_handlers=False,
            update_heartbeat_interval=pulse.heartbeat,
            stalled_worker_timeout=PRUNE_SECONDS,
        )
        # Told, not cancelled: while it begins, a cancellation can get lost in the database's driver, and it ran on.
        telling = asyncio.create_task(_stop_when(ending, worker))
        try:
            await worker.run()  # type: ignore[no-untyped-call]
        finally:
            telling.cancel()


async def _stop_when(ending: asyncio.Event, worker: Worker) -> None:
    await ending.wait()
    worker.stop()  # type: ignore[no-untyped-call]
