"""What a long history costs: home and the list of sends of a tenant with 100,000 sends, beside one with 100.

Both in turn, in one run, over HTTP on a real PostgreSQL; the figures to keep are the ratios.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import aiohttp
import psycopg
from rich.console import Console
from rich.table import Table

from adapters.bootstrap.commands.init import initialise
from adapters.bootstrap.log import configure_log
from adapters.bootstrap.runtime import Runtime, open_runtime
from adapters.bootstrap.settings import load_settings
from adapters.bootstrap.web_app import make_app
from adapters.inbound.console.handlers.sign_in import LOCAL_COOKIE
from adapters.inbound.server.limits import LIMITS
from adapters.inbound.server.tcp import ConnectionLimiter
from adapters.sandbox.server import listening
from core.model.access.person import Role
from core.model.connections.connection import Connection, ConnectionSecrets
from core.model.connections.endpoint import Endpoint
from core.model.shared.secret import Secret
from core.model.tenants.tenant import PasswordLogin, Tenant

FEW, MANY = 100, 100_000
PAGES = {"home": "", "sends": "/sends", "sends that need attention": "/sends?state=needs_attention"}
HISTORY = """
INSERT INTO sends (id, tenant_id, connection_id, job_id, state, step, attempts, waits, adopt, items, completes,
                   findings, requested_at, requested_by, version, work_order_number)
SELECT 'snd_' || %(tenant)s || '_' || n, %(tenant)s, %(connection)s, (2700000000000000 + n)::text,
       CASE WHEN n %% 50 = 0 THEN 'needs_attention' ELSE 'sent' END, 'done', 0, 0, false, 'none', false,
       '[]', now() - n * interval '1 minute', 'bench', 1, 'T' || n
FROM generate_series(1, %(count)s) n
"""


async def main(rounds: int, loads: int) -> None:
    configure_log("error")
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        Path(folder).chmod(0o755)
        settings = load_settings({"data_dir": folder})
        await initialise(settings)
        runtime = await stack.enter_async_context(open_runtime(settings))
        cookies = {count: await furnished(runtime, count) for count in (FEW, MANY)}
        with psycopg.connect(runtime.database_url, autocommit=True) as connection:
            connection.execute("ANALYZE")
        limiter = ConnectionLimiter(replace(LIMITS, requests_per_minute=0))
        app = make_app(runtime.use_cases, ready=runtime.ready, limiter=limiter)
        url = await stack.enter_async_context(listening(app))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        table = Table(title=f"{loads} loads one after the other, median of {rounds} rounds")
        for heading in ("page", f"{FEW} sends, ms", f"{MANY:,} sends, ms", "many / few"):
            table.add_column(heading, justify="left" if heading == "page" else "right")
        for name, path in PAGES.items():
            pairs = []
            for number in range(rounds + 1):
                pair = [await per_load(session, f"{url}/t/of-{n}{path}", cookies[n], loads) for n in (FEW, MANY)]
                if number:  # the first is to warm up
                    pairs.append(pair)
            few, many = (statistics.median(column) * 1000 for column in zip(*pairs, strict=True))
            ratio = statistics.median(many / few for few, many in pairs)
            table.add_row(name, f"{few:.1f}", f"{many:.1f}", f"{ratio:.2f}")
        Console().print(table)


async def furnished(runtime: Runtime, count: int) -> str:
    """A tenant with so many sends; the session of somebody who works there."""
    login = PasswordLogin("bench", Secret("bench"))
    tenant = await runtime.use_cases.add_tenant(Tenant(id="", slug=f"of-{count}", name="Bench"), login, check=False)
    wanted = Connection(
        id="new",
        tenant_id="new",
        slug="main",
        name="Spectrum",
        external_system="spectrum",
        endpoint=Endpoint.parse("https://spectrum.example.com"),
        company_code="101",
    )
    connection = await runtime.use_cases.add_connection(tenant.id, wanted, ConnectionSecrets(Secret("BENCH")))
    with psycopg.connect(runtime.database_url, autocommit=True) as database:
        database.execute(HISTORY, {"tenant": tenant.id, "connection": connection.id, "count": count})
    email, password = f"of-{count}@example.com", "four words are quite enough"
    await runtime.use_cases.manage_people.add(tenant.id, email, "Bench", Role.VIEWER, by="bench")
    await runtime.use_cases.manage_people.set_password(tenant.id, email, password, by="bench")
    return (await runtime.use_cases.sign_in(email, password)).token


async def per_load(session: aiohttp.ClientSession, url: str, cookie: str, loads: int) -> float:
    started = time.perf_counter()
    for _ in range(loads):
        async with session.get(url, headers={"Cookie": f"{LOCAL_COOKIE}={cookie}"}, allow_redirects=False) as answer:
            if answer.status != 200:
                raise RuntimeError(f"{url} answered {answer.status}")
            await answer.read()
    return (time.perf_counter() - started) / loads


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=5, help="counted rounds (default 5)")
    arguments.add_argument("--loads", type=int, default=30, help="loads a round (default 30)")
    given = arguments.parse_args()
    asyncio.run(main(given.rounds, given.loads))
