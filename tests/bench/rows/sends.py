"""Sends a second, beside a bare script that makes the same remote calls and stores nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from itertools import islice

import aiohttp

from adapters.bootstrap.runtime import Runtime
from core.model.sending.send import Send, SendState
from core.model.work_orders.cost_line import ItemsMode
from core.services.sending.request_send import SendRequest
from tests.bench.bare_send import BareSend
from tests.bench.installation import Place, add_tenants, installation
from tests.bench.row import Row, Sides, ratio
from tests.bench.sandboxes import sandboxes

TENANTS, CONNECTIONS = 8, 25
"""200 connections; no tenant has more than its share of them."""
SENDS = 2000
SLOW = 0.1


@asynccontextmanager
async def opened(rounds: int, seconds: float) -> AsyncIterator[dict[str, Sides]]:
    """`seconds` is how late each remote answer comes."""
    async with AsyncExitStack() as stack:
        bench = stack.enter_context(sandboxes(SENDS * rounds * 2))
        jobs = iter(bench.job_ids)
        runtime, _ = await stack.enter_async_context(installation(worker_concurrency=64))
        places = await add_tenants(runtime, bench.systems, TENANTS, CONNECTIONS)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        bare = BareSend(bench.systems, session)
        await bare.sign_in()
        await bench.answer_after(seconds)
        floor = partial(per_second_bare, bare, jobs)
        yield {"": Sides(floor, partial(per_second, runtime, places, jobs))}


async def per_second(runtime: Runtime, places: Sequence[Place], jobs: Iterator[str]) -> float:
    """From the start of the worker to the last send's end; the requests are stored before."""
    sends = await request_all(runtime, places, islice(jobs, SENDS))
    started = time.time()
    async with runtime.working():
        ends = await all_ended(runtime, sends)
    return len(ends) / (max(end.finished_at for end in ends if end.finished_at).timestamp() - started)


async def request_all(
    runtime: Runtime, places: Sequence[Place], jobs: Iterator[str], items: ItemsMode = ItemsMode.NONE
) -> list[Send]:
    """The jobs are dealt out to the connections in turn."""
    sends = []
    for number, job_id in enumerate(jobs):
        place = places[number % len(places)]
        request = SendRequest(connection=place.slug, job_id=job_id, requested_by="bench", items=items)
        sends.append(await runtime.use_cases.request_send(place.tenant_id, request))
    return sends


async def all_ended(runtime: Runtime, sends: Sequence[Send]) -> list[Send]:
    """Waits for one after the other, so that hardly any of Jobferry's time goes to waiting."""
    ends = [await runtime.use_cases.wait_for_send(send.tenant_id, send.id, 600) for send in sends]
    if bad := [end for end in ends if end.state is not SendState.SENT]:
        raise RuntimeError(f"a send of the benchmark did not end well: {bad[0].findings}")
    return ends


async def per_second_bare(bare: BareSend, jobs: Iterator[str]) -> float:
    ids = list(islice(jobs, SENDS))
    lanes = TENANTS * CONNECTIONS

    async def lane(number: int) -> None:
        for job_id in ids[number::lanes]:
            await bare(job_id)

    started = time.perf_counter()
    await asyncio.gather(*(lane(number) for number in range(lanes)))
    return len(ids) / (time.perf_counter() - started)


QUICK = Row(
    name="sends",
    what="sends a second, remote systems without latency, 200 connections, one worker",
    floor="a bare script that makes the same calls and stores nothing",
    unit="/s",
    open=partial(opened, seconds=0),
    compare=ratio,
    goal=0.5,
    at_most=False,
)
LATE = Row(
    name="sends-100ms",
    what="the same, remote answers 100 ms late",
    floor="the same script with as many jobs at once",
    unit="/s",
    open=partial(opened, seconds=SLOW),
    compare=ratio,
    goal=0.95,
    at_most=False,
)
ROWS = (QUICK, LATE)
