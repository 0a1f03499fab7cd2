"""The resident memory of a worker process: for each connection that is stored, for each one that was used once, and
for each send."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from itertools import islice

import psycopg

from adapters.bootstrap.settings import Settings
from tests.bench.installation import Place, add_tenants, installation
from tests.bench.requests import ends_of, store_all
from tests.bench.row import Row, Sides
from tests.bench.sandboxes import CONNECTIONS, sandboxes
from tests.bench.worker_process import resident_bytes, worker_process

MEGABYTE = 1_000_000
FEW, MANY, FIRST_SENDS, SLOTS = 10, 10_000, 20, 50
STORED = (
    """
    INSERT INTO connections (id, tenant_id, slug, external_system, settings, company, authorization_id)
    SELECT id || n, tenant_id, 'stored-' || n, 'system_' || n, settings, company, authorization_id
    FROM connections, generate_series(1, %(count)s) n
    """,
    """
    INSERT INTO due_work (kind, subject, tenant_id) SELECT 'drain', id, tenant_id FROM connections
    ON CONFLICT DO NOTHING
    """,
)
USED_TENANTS, USED_EACH_ROUND = 24, 300
SENDS_EACH_ROUND = 1200


@asynccontextmanager
async def known_opened(rounds: int) -> AsyncIterator[dict[str, Sides]]:
    async with AsyncExitStack() as stack:
        bench = stack.enter_context(sandboxes(2 * FIRST_SENDS * rounds))
        jobs, measures = iter(bench.job_ids), []
        for count in (FEW, MANY):
            runtime, settings = await stack.enter_async_context(installation())
            places = await add_tenants(runtime, bench.systems, 1, 1)
            with psycopg.connect(runtime.database_url, autocommit=True) as database:
                database.execute("SET session_replication_role = replica")
                for statement in STORED:
                    database.execute(statement.encode(), {"count": count} if "%(" in statement else None)

            measures.append(partial(first_sends, runtime.database_url, settings, places, jobs))
        yield {"": Sides(*measures)}


async def first_sends(database_url: str, settings: Settings, places: Sequence[Place], jobs: Iterator[str]) -> float:
    """Megabytes of a new worker process after its first sends."""
    async with worker_process(settings, SLOTS) as pid:
        await ends_of(database_url, await store_all(database_url, places, islice(jobs, FIRST_SENDS)))
        return resident_bytes(pid) / MEGABYTE


@asynccontextmanager
async def used_opened(
    rounds: int, tenants: int, connections: int, sends: int, *, fresh: bool
) -> AsyncIterator[dict[str, Sides]]:
    """One worker process over all rounds. `fresh`: each send is the first one of its connection."""
    async with AsyncExitStack() as stack:
        bench = stack.enter_context(sandboxes(sends * rounds))
        jobs = iter(bench.job_ids)
        runtime, settings = await stack.enter_async_context(installation())
        places = await add_tenants(runtime, bench.systems, tenants, connections)
        unused = iter(places)
        pid = await stack.enter_async_context(worker_process(settings, SLOTS))

        async def before() -> float:
            return resident_bytes(pid) / MEGABYTE

        async def after() -> float:
            chosen = list(islice(unused, sends)) if fresh else places
            url = runtime.database_url
            await ends_of(url, await store_all(url, chosen, islice(jobs, sends)))
            await asyncio.sleep(1)
            return resident_bytes(pid) / MEGABYTE

        yield {"": Sides(before, after)}


def bytes_for_each(count: int, floor: float, ours: float) -> float:
    return (ours - floor) * MEGABYTE / count


KNOWN = Row(
    name="memory-known",
    what=f"memory of a worker for each of {MANY:,} stored connections",
    floor=f"a worker with {FEW} stored connections",
    unit="MB",
    open=known_opened,
    compare=partial(bytes_for_each, MANY - FEW),
    goal=8192,
    at_most=True,
    shown="{:.0f} bytes",
    rounds=3,
)
IDLE = Row(
    name="memory-idle",
    what="memory of a worker for each idle connection that was used once",
    floor=f"the same worker before it used {USED_EACH_ROUND} more of them",
    unit="MB",
    open=partial(used_opened, tenants=USED_TENANTS, connections=CONNECTIONS, sends=USED_EACH_ROUND, fresh=True),
    compare=partial(bytes_for_each, USED_EACH_ROUND),
    goal=8192,
    at_most=True,
    shown="{:.0f} bytes",
    rounds=3,
)
FLAT = Row(
    name="memory-flat",
    what="growth of a worker's memory for each further send",
    floor=f"the same worker {SENDS_EACH_ROUND:,} sends earlier",
    unit="MB",
    open=partial(used_opened, tenants=4, connections=10, sends=SENDS_EACH_ROUND, fresh=False),
    compare=partial(bytes_for_each, SENDS_EACH_ROUND),
    goal=256,
    at_most=True,
    shown="{:.0f} bytes",
    rounds=3,
)
ROWS = (KNOWN, IDLE, FLAT)
