"""Sends a second, beside a bare script that makes the same remote calls and stores nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice

import aiohttp

from adapters.bootstrap.runtime import Runtime
from tests.bench.bare_send import BareSend
from tests.bench.installation import Place, add_tenants, installation
from tests.bench.requests import ends_of, store_all
from tests.bench.row import Row, Sides, ratio
from tests.bench.sandboxes import sandboxes

TENANTS = 8
SLOW = 0.1


@dataclass(frozen=True, slots=True)
class Load:
    """So many connections, each with so many sends. The bare script carries as many jobs at once as there are
    connections. No tenant has more of them than its share of a worker's slots."""

    connections: int
    each: int

    @property
    def sends(self) -> int:
        return self.connections * self.each


BUSY = Load(200, 10)
LATE_LOADS = (Load(20, 10), Load(40, 10), Load(200, 4))


@asynccontextmanager
async def opened(rounds: int, seconds: float, loads: Sequence[Load]) -> AsyncIterator[dict[str, Sides]]:
    """`seconds` is how late each remote answer comes."""
    async with AsyncExitStack() as stack:
        bench = stack.enter_context(sandboxes(sum(load.sends for load in loads) * rounds * 2))
        jobs = iter(bench.job_ids)
        runtime, _ = await stack.enter_async_context(installation())
        most = max(load.connections for load in loads)
        places = await add_tenants(runtime, bench.systems, TENANTS, most // TENANTS)
        # aiohttp's own limit of 100 connections would hold the script back.
        connector = aiohttp.TCPConnector(limit=0)
        bare = BareSend(bench.systems, await stack.enter_async_context(aiohttp.ClientSession(connector=connector)))
        await bare.sign_in()
        await bench.answer_after(seconds)
        yield {
            f"{load.connections} connections": Sides(
                partial(per_second_bare, bare, load, jobs),
                partial(per_second, runtime, places[:: most // load.connections], load, jobs),
            )
            for load in loads
        }


async def per_second(runtime: Runtime, places: Sequence[Place], load: Load, jobs: Iterator[str]) -> float:
    """From the start of the worker to the last send's end; the requests are stored before."""
    sends = await store_all(runtime.database_url, places, islice(jobs, load.sends))
    started = time.time()
    async with runtime.working():
        ends = await ends_of(runtime.database_url, sends)
    return len(ends) / (ends[-1] - started)


async def per_second_bare(bare: BareSend, load: Load, jobs: Iterator[str]) -> float:
    ids = list(islice(jobs, load.sends))

    async def lane(number: int) -> None:
        for job_id in ids[number :: load.connections]:
            await bare(job_id)

    started = time.perf_counter()
    await asyncio.gather(*(lane(number) for number in range(load.connections)))
    return len(ids) / (time.perf_counter() - started)


QUICK = Row(
    name="sends",
    what="sends a second, remote systems without latency, one worker",
    floor="a bare script that makes the same calls, as many jobs at once as there are connections, and stores nothing",
    unit="/s",
    open=partial(opened, seconds=0, loads=(BUSY,)),
    compare=ratio,
    goal=0.5,
    at_most=False,
    rounds=3,
    note="The processors are the limit: a send takes about 6 ms of the worker and 4 ms of PostgreSQL, the script"
    " 1.5 ms, and the simulated systems 3 ms for either. Of the worker's part a third is the database (driver, pool,"
    " documents), 15 % are ServiceTrade's five calls, 13 % the SOAP call, 9 % deciding and building objects. The rest"
    " is spread thin.",
)
LATE = Row(
    name="sends-100ms",
    what="sends a second, remote answers 100 ms late, one worker",
    floor="the same script",
    unit="/s",
    open=partial(opened, seconds=SLOW, loads=LATE_LOADS),
    compare=ratio,
    goal=0.95,
    at_most=False,
    rounds=3,
    note="Four of its calls follow each other, so 200 connections that only wait could carry 500 sends a second. A"
    " worker is one process, and a send takes several times as much of its processor as of the script's. With 20"
    " connections both mostly wait; with 200 the processor limits both, as in `sends`.",
)
ROWS = (QUICK, LATE)
