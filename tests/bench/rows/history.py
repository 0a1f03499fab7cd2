"""What a long history costs: pages of a tenant with 1,000,000 sends, beside one with 1,000."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from functools import partial

import aiohttp
import psycopg

from adapters.bootstrap.runtime import Runtime
from adapters.bootstrap.web_app import make_app
from adapters.inbound.console.handlers.sign_in import LOCAL_COOKIE
from adapters.inbound.server.limits import LIMITS
from adapters.inbound.server.listener import ConnectionLimiter
from adapters.sandbox.server import listening
from core.model.access.caller import Caller
from core.model.access.person import Role
from core.model.connections.connection import Connection, ConnectionSecrets
from core.model.connections.endpoint import Endpoint
from core.model.shared.secret import Secret
from core.model.tenants.tenant import PasswordLogin, Tenant
from core.services.access.sign_in import SignedIn
from tests.bench.installation import installation
from tests.bench.row import Measure, Row, Sides, ratio

LOADS = 30
FEW, MANY = 1_000, 1_000_000
OPEN = 20
"""Failed sends that nobody has mended yet: what is older was mended."""
PAGES = {"home": "", "sends": "/sends", "sends that need attention": "/sends?state=needs_attention"}
HISTORY = """
INSERT INTO sends (id, tenant_id, connection_id, job_id, state, step, attempts, waits, adopt, items, completes,
                   findings, requested_at, requested_by, version, work_order_number)
SELECT 'snd_' || %(tenant)s || '_' || n, %(tenant)s, %(connection)s, (2700000000000000 + n)::text,
       CASE WHEN n %% 50 = 0 AND n <= 50 * %(open)s THEN 'needs_attention' ELSE 'sent' END,
       'done', 0, 0, false, 'none', false,
       '[{"code": "RECORD_LOCKED", "severity": "blocker", "message": "Somebody has it open."}]',
       now() - n * interval '1 minute', 'bench', 1, 'T' || n
FROM generate_series(1, %(count)s) n
"""


@asynccontextmanager
async def opened(_: int) -> AsyncIterator[dict[str, Sides]]:
    async with AsyncExitStack() as stack:
        runtime, _settings = await stack.enter_async_context(installation())
        cookies = {count: await furnished(runtime, count) for count in (FEW, MANY)}
        with psycopg.connect(runtime.database_url, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
        while await runtime.services.keep_retention():  # as a worker does every hour
            pass
        limiter = ConnectionLimiter(replace(LIMITS, requests_per_minute=0))
        app = make_app(runtime.use_cases, runtime.change_feed, ready=runtime.ready, limiter=limiter)
        url = await stack.enter_async_context(listening(app))
        session = await stack.enter_async_context(aiohttp.ClientSession())

        def load(count: int, path: str) -> Measure:
            return partial(milliseconds, session, f"{url}/t/of-{count}{path}", cookies[count])

        yield {name: Sides(load(FEW, path), load(MANY, path)) for name, path in PAGES.items()}


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
        database.execute(HISTORY, {"tenant": tenant.id, "connection": connection.id, "count": count, "open": OPEN})
    email, password = f"of-{count}@example.com", "four words are quite enough"
    await runtime.use_cases.manage_people.add(tenant.id, email, "Bench", Role.VIEWER, by=Caller(who="bench"))
    await runtime.use_cases.manage_people.set_password(tenant.id, email, password, by=Caller(who="bench"))
    signed = await runtime.use_cases.sign_in(email, password)
    assert isinstance(signed, SignedIn)
    return signed.token


async def milliseconds(session: aiohttp.ClientSession, url: str, cookie: str) -> float:
    """A load's time, of so many one after the other."""
    started = time.perf_counter()
    for _ in range(LOADS):
        async with session.get(url, headers={"Cookie": f"{LOCAL_COOKIE}={cookie}"}, allow_redirects=False) as answer:
            if answer.status != 200:
                raise RuntimeError(f"{url} answered {answer.status}")
            await answer.read()
    return (time.perf_counter() - started) / LOADS * 1000


HISTORY_PAGES = Row(
    name="history",
    what="a page of a tenant with 1,000,000 sends, one a minute",
    floor="the same page of a tenant with 1,000 sends",
    unit="ms",
    open=opened,
    compare=ratio,
    goal=1.5,
    at_most=True,
)
ROWS = (HISTORY_PAGES,)
