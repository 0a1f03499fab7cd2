"""One worker's event loop under full load, and two workers beside one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from itertools import islice

from adapters.bootstrap.runtime import Runtime
from adapters.bootstrap.settings import Settings
from tests.bench.installation import Place, add_tenants, installation
from tests.bench.requests import ends_of, store_all
from tests.bench.row import Row, Sides, ratio
from tests.bench.sandboxes import sandboxes
from tests.bench.worker_process import worker_process

SLOTS, TENANTS, CONNECTIONS, SENDS = 4, 8, 4, 96
"""Each of the two workers has so few slots that it waits for the remote systems, and not for the processor."""
SLOW = 0.1
FULL_CONNECTIONS, FULL_SENDS = 25, 600
TICK, IDLE_SECONDS = 0.005, 3


@asynccontextmanager
async def two_opened(rounds: int) -> AsyncIterator[dict[str, Sides]]:
    async with AsyncExitStack() as stack:
        bench = stack.enter_context(sandboxes(SENDS * rounds * 2))
        jobs = iter(bench.job_ids)
        runtime, settings = await stack.enter_async_context(installation())
        places = await add_tenants(runtime, bench.systems, TENANTS, CONNECTIONS)
        await bench.answer_after(SLOW)
        measure = partial(per_second, runtime, settings, places, jobs)
        yield {"": Sides(partial(measure, 1), partial(measure, 2))}


async def per_second(
    runtime: Runtime, settings: Settings, places: Sequence[Place], jobs: Iterator[str], workers: int
) -> float:
    """Between the first and the last tenth of the ends: without the start of the processes, and while all have work."""
    sends = await store_all(runtime.database_url, places, islice(jobs, SENDS))
    async with AsyncExitStack() as stack:
        for _ in range(workers):
            await stack.enter_async_context(worker_process(settings, SLOTS))
        ends = await ends_of(runtime.database_url, sends)
    tenth = len(ends) // 10
    return (len(ends) - 2 * tenth) / (ends[-tenth] - ends[tenth])


@asynccontextmanager
async def stall_opened(rounds: int) -> AsyncIterator[dict[str, Sides]]:
    async with AsyncExitStack() as stack:
        bench = stack.enter_context(sandboxes(FULL_SENDS * rounds))
        jobs = iter(bench.job_ids)
        runtime, _ = await stack.enter_async_context(installation())
        places = await add_tenants(runtime, bench.systems, TENANTS, FULL_CONNECTIONS)
        yield {"": Sides(partial(idle, runtime), partial(loaded, runtime, places, jobs))}


async def idle(runtime: Runtime) -> float:
    async with runtime.working(), lateness() as late:
        await asyncio.sleep(IDLE_SECONDS)
    return p99(late)


async def loaded(runtime: Runtime, places: Sequence[Place], jobs: Iterator[str]) -> float:
    sends = await store_all(runtime.database_url, places, islice(jobs, FULL_SENDS))
    async with runtime.working(), lateness() as late:
        await ends_of(runtime.database_url, sends)
    return p99(late)


@asynccontextmanager
async def lateness() -> AsyncIterator[list[float]]:
    """How late this loop runs what is due every five milliseconds, in milliseconds."""
    late: list[float] = []

    async def tick() -> None:
        while True:
            started = time.perf_counter()
            await asyncio.sleep(TICK)
            late.append((time.perf_counter() - started - TICK) * 1000)

    ticking = asyncio.create_task(tick())
    try:
        yield late
    finally:
        ticking.cancel()
        with suppress(asyncio.CancelledError):
            await ticking


def p99(taken: Sequence[float]) -> float:
    return sorted(taken)[int(len(taken) * 0.99)]


TWO = Row(
    name="two-workers",
    what=f"sends a second of two workers with {SLOTS} slots each, remote answers 100 ms late",
    floor="one such worker",
    unit="/s",
    open=two_opened,
    compare=ratio,
    goal=1.9,
    at_most=False,
    rounds=3,
    note="With more slots, the two processes, the database and the sandboxes would share two busy processors.",
)
STALL = Row(
    name="stall",
    what="how late the event loop of a worker under full load runs what is due, p99",
    floor="the same of a worker without work",
    unit="ms",
    open=stall_opened,
    compare=lambda _, ours: ours,
    goal=20,
    at_most=True,
    shown="{:.1f} ms",
    rounds=3,
)
ROWS = (TWO, STALL)
