"""What others notice of callers who wait: their GET beside 500 waiting requests and 500 event streams."""

from __future__ import annotations

import asyncio
import itertools
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

import aiohttp

from adapters.bootstrap.web_app import make_app
from adapters.inbound.server.limits import LIMITS
from adapters.inbound.server.listener import ConnectionLimiter, serving
from core.model.access.api_key import Scope
from core.model.access.caller import Caller
from core.services.access.api_keys import KeyRequest
from tests.bench.installation import Place, add_tenants, installation
from tests.bench.row import Row, Sides, ratio
from tests.bench.sandboxes import sandboxes

WAITING, STREAMS = 500, 500
GETS, PAUSE = 200, 0.01
WAIT_SECONDS = 60
BUSY, OTHER = "/v1/tenants/bench-0", "/v1/tenants/bench-1"
_MANY = replace(
    LIMITS,
    requests_per_minute=0,
    connections=4000,
    connections_per_peer=4000,
    streams_per_owner=STREAMS,
    waits_per_owner=WAITING,
    # Of either, one account has half.
    waiting_connections=2 * (WAITING + STREAMS),
    requests_at_once=2 * (WAITING + STREAMS),
)


@asynccontextmanager
async def beside(_: int) -> AsyncIterator[dict[str, Sides]]:
    """One tenant waits and another one reads. No worker runs, so nobody stops waiting."""
    async with AsyncExitStack() as stack:
        bench = stack.enter_context(sandboxes(1))
        runtime, _settings = await stack.enter_async_context(installation())
        busy, other = await add_tenants(runtime, bench.systems, 2, 1)
        limiter = ConnectionLimiter(_MANY)
        app = make_app(runtime.use_cases, runtime.change_feed, ready=runtime.ready, limiter=limiter)
        url = await stack.enter_async_context(serving(app, "127.0.0.1", 0, limiter))

        async def session(place: Place) -> aiohttp.ClientSession:
            request = KeyRequest(name="bench", tenant_id=place.tenant_id, scopes=frozenset(Scope))
            key = (await runtime.use_cases.api_keys.create(request, Caller())).text
            return await stack.enter_async_context(
                aiohttp.ClientSession(
                    base_url=url,
                    headers={"Authorization": f"Bearer {key}"},
                    connector=aiohttp.TCPConnector(limit=0),
                    timeout=aiohttp.ClientTimeout(total=None),
                )
            )

        busy_session, other_session = await session(busy), await session(other)
        jobs = itertools.count(2_700_000_000_000_000)

        async def request_send() -> tuple[dict[str, str], str]:
            """The request of a new send, which waits for a worker, and the send's id."""
            body = {"job_id": str(next(jobs)), "connection": busy.slug}
            headers = {"Idempotency-Key": body["job_id"]}
            async with busy_session.post(f"{BUSY}/sends", json=body, headers=headers) as answer:
                return body, (await answer.json())["id"]

        async def read() -> float:
            return await p95(other_session, f"{OTHER}/sends")

        async def read_beside() -> float:
            body, send = await request_send()
            at_hand = asyncio.Semaphore(0)
            async with asyncio.TaskGroup() as group:
                for _ in range(WAITING):
                    group.create_task(wait(busy_session, body))
                for _ in range(STREAMS):
                    group.create_task(follow(busy_session, send, at_hand))
                for _ in range(STREAMS):
                    await at_hand.acquire()
                while limiter.open_connections < WAITING + STREAMS:  # noqa: ASYNC110 - nobody tells
                    await asyncio.sleep(0.1)
                await asyncio.sleep(3)  # until all have had their first look
                taken = await read()
                async with busy_session.post(f"{BUSY}/sends/{send}/cancel") as answer:
                    answer.raise_for_status()  # which lets all of them go
            return taken

        yield {"": Sides(read, read_beside)}


async def wait(session: aiohttp.ClientSession, body: dict[str, str]) -> None:
    headers = {"Prefer": f"wait={WAIT_SECONDS}", "Idempotency-Key": body["job_id"]}
    async with session.post(f"{BUSY}/sends", json=body, headers=headers) as answer:
        answer.raise_for_status()
        await answer.read()


async def follow(session: aiohttp.ClientSession, send: str, at_hand: asyncio.Semaphore) -> None:
    async with session.get(f"{BUSY}/sends/{send}/events") as answer:
        answer.raise_for_status()
        await answer.content.readuntil(b"data: ")
        at_hand.release()
        await answer.content.read()


async def p95(session: aiohttp.ClientSession, path: str) -> float:
    """Milliseconds."""
    taken = []
    for _ in range(GETS):
        started = time.perf_counter()
        async with session.get(path) as answer:
            answer.raise_for_status()
            await answer.read()
        taken.append((time.perf_counter() - started) * 1000)
        await asyncio.sleep(PAUSE)
    return statistics.quantiles(taken, n=20)[-1]


BESIDE = Row(
    name="beside-waiting",
    what=f"another tenant's GET beside {WAITING} waiting callers and {STREAMS} event streams, p95",
    floor="the same without them",
    unit="ms",
    open=beside,
    compare=ratio,
    goal=1.5,
    at_most=True,
)
ROWS = (BESIDE,)
