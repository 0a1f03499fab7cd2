"""Cost lines a second, beside a bare script that posts the same lines, built beforehand.

Jobferry's time holds all of a send: reading job and items, planning, the header, and the number written back too.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import islice
from uuid import uuid4

import aiohttp

from adapters.bootstrap.runtime import Runtime
from adapters.outbound.spectrum.envelope import build
from core.model.shared.figures import plain
from core.model.work_orders.cost_line import ITEM_CODE, QUANTITY, ItemsMode
from core.model.work_orders.work_order import AUTHORIZATION_ID, COMPANY_CODE, GUID, NUMBER
from tests.bench import sandboxes as simulated
from tests.bench.bare_send import Systems
from tests.bench.installation import Place, add_tenants, installation
from tests.bench.requests import ends_of, request_one
from tests.bench.row import Row, Sides, ratio
from tests.bench.sandboxes import Bench

SERVICE = "AddWOMaterialCost"
SENDS, LINES = 24, 25
TENANTS, CONNECTIONS = 4, 6


@asynccontextmanager
async def opened(rounds: int) -> AsyncIterator[dict[str, Sides]]:
    async with AsyncExitStack() as stack:
        bench = stack.enter_context(simulated.sandboxes(SENDS * (rounds + 1), LINES))
        jobs = iter(bench.job_ids)
        runtime, _ = await stack.enter_async_context(installation(worker_concurrency=TENANTS * CONNECTIONS))
        places = await add_tenants(runtime, bench.systems, TENANTS, CONNECTIONS)
        numbers: list[str] = []

        async def floor() -> float:
            """Posts to the work orders of Jobferry's last round."""
            bodies = [body(bench.systems, number) for number in numbers for _ in range(LINES)]
            return await per_second_bare(bench, bodies)

        async def ours() -> float:
            rate, numbers[:] = await per_second(runtime, bench, places, jobs)
            return rate

        await ours()
        yield {"": Sides(floor, ours)}


async def per_second(
    runtime: Runtime, bench: Bench, places: Sequence[Place], jobs: Iterator[str]
) -> tuple[float, list[str]]:
    """Return the rate and the work orders."""
    sends = [
        await request_one(runtime, places[number % len(places)], job_id, ItemsMode.NEW_ONLY)
        for number, job_id in enumerate(islice(jobs, SENDS))
    ]
    started = time.time()
    async with runtime.working():
        ends = await ends_of(runtime.database_url, [send.id for send in sends])
    sent = [(await runtime.use_cases.show_send(send.tenant_id, send.id)).send for send in sends]
    if any(not send.plan or len(send.plan.lines) != LINES for send in sent):
        raise RuntimeError("a send of the benchmark has too few lines")
    await bench.take_lines_away()
    return SENDS * LINES / (ends[-1] - started), [send.work_order_number or "" for send in sent]


async def per_second_bare(bench: Bench, bodies: Sequence[bytes]) -> float:
    """One connection a call, as Jobferry does it too, and nothing but the calls."""
    url = f"{bench.systems.spectrum_url}/ws/{SERVICE}"
    headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{url}"'}

    async def lane(number: int) -> None:
        for one in bodies[number :: TENANTS * CONNECTIONS]:
            connector = aiohttp.TCPConnector(force_close=True)
            async with (
                aiohttp.ClientSession(connector=connector) as fresh,
                fresh.post(url, data=one, headers=headers) as response,
            ):
                text = await response.text()
                if response.status != 200 or f"{SERVICE}Response" not in text or "<error_code>" in text:
                    raise RuntimeError(f"the sandbox refused: {text[:300]}")

    started = time.perf_counter()
    await asyncio.gather(*(lane(number) for number in range(TENANTS * CONNECTIONS)))
    seconds = time.perf_counter() - started
    await bench.take_lines_away()
    return len(bodies) / seconds


def body(at: Systems, number: str) -> bytes:
    fields = {
        AUTHORIZATION_ID: at.authorization_id,
        GUID: str(uuid4()),
        COMPANY_CODE: at.company_code,
        NUMBER: number,
        ITEM_CODE: simulated.ITEM_CODE,
        QUANTITY: plain(simulated.QUANTITY),
    }
    return build(SERVICE, fields)


COST_LINES = Row(
    name="lines",
    what=f"cost lines a second, {LINES} a send, without latency",
    floor="a bare script that posts the same lines",
    unit="/s",
    open=opened,
    compare=ratio,
    goal=0.5,
    at_most=False,
    note="A line takes about 2 ms of the worker and 2 ms of PostgreSQL: its answer and the next line's intent are one"
    " durable transaction, which is what keeps lines exact, and half of the worker's part. The SOAP call is a fifth."
    " The script's lines are built before the time is taken, and need 0.4 ms each.",
)
ROWS = (COST_LINES,)
