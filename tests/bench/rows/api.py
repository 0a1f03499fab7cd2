"""The API's own cost: its cheapest authorised read, and an accepted send."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import urlsplit

import aiohttp
import psycopg
from aiohttp import web

from adapters.bootstrap.web_app import make_app
from adapters.inbound.server.limits import LIMITS
from adapters.inbound.server.listener import ConnectionLimiter
from adapters.sandbox.server import listening
from core.model.access.api_key import Scope
from core.model.access.caller import Caller
from core.services.access.api_keys import KeyRequest
from tests.bench.http_caller import HttpCaller
from tests.bench.installation import add_tenants, installation
from tests.bench.row import Row, Sides, ratio
from tests.bench.sandboxes import sandboxes

CALLS, CALLERS = 1000, 16
RATE, SECONDS = 50, 10
Once = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Api:
    session: aiohttp.ClientSession
    key: str
    url: str
    bare_url: str
    database_url: str
    slug: str


@asynccontextmanager
async def served() -> AsyncIterator[Api]:
    """Jobferry's API beside a handler that does nothing. No worker runs."""
    async with AsyncExitStack() as stack:
        bench = stack.enter_context(sandboxes(1))
        runtime, _ = await stack.enter_async_context(installation())
        [place] = await add_tenants(runtime, bench.systems, 1, 1)
        request = KeyRequest(name="bench", tenant_id=place.tenant_id, scopes=frozenset(Scope))
        key = (await runtime.use_cases.api_keys.create(request, Caller())).text
        limiter = ConnectionLimiter(replace(LIMITS, requests_per_minute=0))
        ours = await stack.enter_async_context(
            listening(make_app(runtime.use_cases, runtime.change_feed, ready=runtime.ready, limiter=limiter))
        )
        bare = await stack.enter_async_context(listening(nothing_app()))
        session = aiohttp.ClientSession(headers={"Authorization": f"Bearer {key}"})
        await stack.enter_async_context(session)
        yield Api(session, key, f"{ours}/v1/tenants/bench-0", bare, runtime.database_url, place.slug)


@asynccontextmanager
async def reads(_: int) -> AsyncIterator[dict[str, Sides]]:
    async with served() as api:
        yield {
            "": Sides(
                partial(per_second, get(api.session, f"{api.bare_url}/")),
                partial(per_second, get(api.session, api.url)),
            )
        }


@asynccontextmanager
async def accepted(_: int) -> AsyncIterator[dict[str, Sides]]:
    async with served() as api, inserting(api.database_url) as insert, sending(api) as send:
        yield {"": Sides(partial(per_second, insert), partial(per_second, send))}


@asynccontextmanager
async def accepted_at_a_rate(_: int) -> AsyncIterator[dict[str, Sides]]:
    async with served() as api, inserting(api.database_url) as insert, sending(api) as send:
        yield {"": Sides(partial(p99, insert), partial(p99, send))}


def nothing_app() -> web.Application:
    async def nothing(_: web.Request) -> web.Response:
        return web.json_response({"slug": "bench"})

    app = web.Application()
    app.add_routes([web.get("/", nothing)])
    return app


def get(session: aiohttp.ClientSession, url: str) -> Once:
    async def once() -> None:
        async with session.get(url) as answer:
            answer.raise_for_status()
            await answer.read()

    return once


@asynccontextmanager
async def sending(api: Api) -> AsyncIterator[Once]:
    """One request for a send, on one of as many connections as there are callers. Each names a job of its own, so that
    no send takes another's place."""
    numbers = itertools.count(2_700_000_000_000_000)
    free: asyncio.Queue[HttpCaller] = asyncio.Queue()
    url = urlsplit(api.url)
    with ExitStack() as stack:
        for _ in range(CALLERS):
            caller = await HttpCaller.connect(str(url.hostname), url.port or 80)
            stack.callback(caller.close)
            free.put_nowait(caller)

        async def once() -> None:
            caller = await free.get()
            try:
                body = json.dumps({"job_id": str(next(numbers)), "connection": api.slug}).encode()
                await caller.post(f"{url.path}/sends", api.key, body)
            finally:
                free.put_nowait(caller)

        yield once


@asynccontextmanager
async def inserting(database_url: str) -> AsyncIterator[Once]:
    """One INSERT in a transaction of its own, on one of as many connections as there are callers. It is on disk when it
    has ended, as a send is."""
    free: asyncio.Queue[psycopg.AsyncConnection] = asyncio.Queue()
    async with AsyncExitStack() as stack:
        for _ in range(CALLERS):
            connection = await psycopg.AsyncConnection.connect(
                database_url, autocommit=True, options="-c synchronous_commit=on"
            )
            free.put_nowait(await stack.enter_async_context(connection))
        first = await free.get()
        await first.execute("CREATE TABLE scratch (id bigserial PRIMARY KEY, job_id text, at timestamptz)")
        free.put_nowait(first)

        async def once() -> None:
            connection = await free.get()
            try:
                await connection.execute("INSERT INTO scratch (job_id, at) VALUES ('27', now())")
            finally:
                free.put_nowait(connection)

        yield once


async def per_second(once: Once) -> float:
    left = itertools.count(CALLS, -1)

    async def caller() -> None:
        while next(left) > 0:
            await once()

    started = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(CALLERS)))
    return CALLS / (time.perf_counter() - started)


async def p99(once: Once) -> float:
    """Milliseconds, with a call begun every fiftieth of a second whatever became of those before."""
    taken: list[float] = []

    async def call() -> None:
        started = time.perf_counter()
        await once()
        taken.append(time.perf_counter() - started)

    async with asyncio.TaskGroup() as calls:
        begun = time.perf_counter()
        for number in range(RATE * SECONDS):
            await asyncio.sleep(max(0.0, begun + number / RATE - time.perf_counter()))
            calls.create_task(call())
    return sorted(taken)[int(len(taken) * 0.99)] * 1000


READ = Row(
    name="read",
    what="the cheapest authorised read",
    floor="an aiohttp handler that does nothing",
    unit="/s",
    open=reads,
    compare=ratio,
    goal=0.3,
    at_most=False,
)
ACCEPTED = Row(
    name="accepted",
    what="accepted sends a second",
    floor="a bare INSERT in the same database",
    unit="/s",
    open=accepted,
    compare=ratio,
    goal=0.3,
    at_most=False,
    note="The floor has no HTTP. A request takes half a millisecond of the process: an aiohttp handler that does"
    " nothing 0.1 ms, key, limits, metrics and log 0.2, body and answer 0.15, and storing 0.1, because requests that"
    " come meanwhile go together in one transaction. PostgreSQL takes 0.1 ms.",
)
ACCEPTED_P99 = Row(
    name="accepted-p99",
    what="an accepted send at 50 a second, p99",
    floor="a bare INSERT in the same database, p99",
    unit="ms",
    open=accepted_at_a_rate,
    compare=ratio,
    goal=3,
    at_most=True,
    note="At this rate each request is alone, and finds the processor's caches cold. Its median is 2.4 ms without waits"
    " for the processor (the floor's 0.7): 0.8 ms in PostgreSQL (0.3), 0.5 ms for the pool's session, and HTTP. The"
    " slowest ones wait longest for a processor. Collecting garbage has no part in it: `serve` leaves alone what it has"
    " imported, and the rest takes about 5 ms once in more than ten thousand requests.",
)
ROWS = (ACCEPTED_P99, ACCEPTED, READ)
