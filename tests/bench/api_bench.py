"""What the API costs: its cheapest authorised call beside a handler that does nothing, an accepted send beside a bare
INSERT. Both sides in turn, in one run, with the same number of callers at once; the figures to keep are the ratios.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import aiohttp
from aiohttp import web
from rich.console import Console
from rich.table import Table
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from adapters.bootstrap.commands.init import initialise
from adapters.bootstrap.log import configure_log
from adapters.bootstrap.runtime import open_runtime
from adapters.bootstrap.settings import load_settings
from adapters.bootstrap.web_app import make_app
from adapters.inbound.server.limits import LIMITS
from adapters.inbound.server.listener import ConnectionLimiter
from adapters.sandbox.server import listening
from core.model.access.api_key import Scope
from core.model.access.caller import Caller
from core.services.access.api_keys import KeyRequest
from tests.bench.sandboxes import SYSTEMS, sandboxes
from tests.bench.send_bench import furnished

CALLERS = 16
Once = Callable[[], Awaitable[None]]


async def main(calls: int, rounds: int) -> None:
    configure_log("error")
    console = Console()
    async with AsyncExitStack() as stack:
        bench = stack.enter_context(sandboxes(1))
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        Path(folder).chmod(0o755)
        settings = load_settings({"data_dir": folder, "allowed_networks": ["127.0.0.0/8"]})
        await initialise(settings)
        runtime = await stack.enter_async_context(open_runtime(settings))
        tenant_id = await stack.enter_async_context(furnished(runtime, bench.systems))
        request = KeyRequest(name="bench", tenant_id=tenant_id, scopes=frozenset(Scope))
        key = (await runtime.use_cases.api_keys.create(request, Caller())).text
        limiter = ConnectionLimiter(replace(LIMITS, requests_per_minute=0))
        app = make_app(runtime.use_cases, ready=runtime.ready, limiter=limiter)
        ours = await stack.enter_async_context(listening(app))
        bare = await stack.enter_async_context(listening(nothing_app()))
        session = await stack.enter_async_context(aiohttp.ClientSession(headers={"Authorization": f"Bearer {key}"}))
        engine = create_async_engine(runtime.database_url.replace("postgresql://", "postgresql+psycopg://", 1))
        stack.push_async_callback(engine.dispose)
        await make_scratch_table(engine)
        read, nothing = get(session, f"{ours}/v1/tenants/bench"), get(session, f"{bare}/")
        accept, insert = send(session, f"{ours}/v1/tenants/bench/sends"), bare_insert(engine)
        for name, mine, theirs in (
            ("an authorised read / a handler that does nothing", read, nothing),
            ("an accepted send / a bare INSERT", accept, insert),
        ):
            pairs = []
            for number in range(rounds + 1):
                pair = await per_second(mine, calls), await per_second(theirs, calls)
                if number:  # the first is to warm up
                    pairs.append(pair)
            report(console, name, calls, pairs)


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


def send(session: aiohttp.ClientSession, url: str) -> Once:
    """A job of its own each time, so that no send takes another's place; no worker runs."""
    numbers = itertools.count(2_700_000_000_000_000)

    async def once() -> None:
        body = {"job_id": str(next(numbers)), "connection": SYSTEMS[0].replace("_", "-")}
        async with session.post(url, json=body) as answer:
            answer.raise_for_status()
            await answer.read()

    return once


async def make_scratch_table(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE scratch (id bigserial PRIMARY KEY, job_id text, at timestamptz)"))


def bare_insert(engine: AsyncEngine) -> Once:
    async def once() -> None:
        async with engine.begin() as connection:
            await connection.execute(text("INSERT INTO scratch (job_id, at) VALUES ('27', now())"))

    return once


async def per_second(once: Once, calls: int) -> float:
    left = itertools.count(calls, -1)

    async def caller() -> None:
        while next(left) > 0:
            await once()

    started = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(CALLERS)))
    return calls / (time.perf_counter() - started)


def report(console: Console, name: str, calls: int, pairs: list[tuple[float, float]]) -> None:
    ours, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(mine / bare for mine, bare in pairs)
    table = Table(title=f"{calls} calls by {CALLERS} callers at once, median of {len(pairs)} rounds")
    for heading in (name, "Jobferry", "bare", "Jobferry / bare"):
        table.add_column(heading, justify="left" if heading == name else "right")
    table.add_row("a second", f"{ours:.0f}", f"{theirs:.0f}", f"{ratio:.2f}")
    console.print(table)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--calls", type=int, default=1000, help="calls a round (default 1000)")
    arguments.add_argument("--rounds", type=int, default=5, help="counted rounds (default 5)")
    given = arguments.parse_args()
    asyncio.run(main(given.calls, given.rounds))
