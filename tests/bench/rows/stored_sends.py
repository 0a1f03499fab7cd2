"""What stored sends cost the next one: sends of an installation with 1,000,000 stored, beside one with 1,000."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from itertools import islice

import psycopg

from adapters.bootstrap.runtime import Runtime
from tests.bench.installation import Place, add_tenants, installation
from tests.bench.requests import ends_of, store_all
from tests.bench.row import Row, Sides, ratio
from tests.bench.sandboxes import sandboxes

CONNECTIONS, SENDS = 10, 100
FEW, MANY = 1_000, 1_000_000
STORED = (
    """
    INSERT INTO sends (id, tenant_id, connection_id, job_id, state, step, attempts, waits, adopt, items, completes,
        plan_id, header, findings, requested_at, requested_by, finished_at, version, work_order_number)
    SELECT 'snd_' || n, c.tenant_id, c.id, (2700000000000000 + n)::text, 'sent', 'done', 0, 0, false, 'none', false,
        'pln_' || n, 'stands', '[]', now() - n * interval '20 seconds', 'bench', now() - n * interval '20 seconds', 1,
        'T' || n
    FROM generate_series(1, %(count)s) n
    JOIN (SELECT *, row_number() OVER (ORDER BY seq) AS place FROM connections) c ON c.place = 1 + n %% 10
    """,
    """
    INSERT INTO send_plans (id, tenant_id, send_id, lines, plan)
    SELECT plan_id, tenant_id, id, 0, jsonb_build_object('job_id', job_id, 'connection_id', connection_id,
        'number', work_order_number, 'header', '[]'::jsonb, 'lines', '[]'::jsonb, 'text', repeat(id, 20))
    FROM sends WHERE plan_id IS NOT NULL
    """,
    """
    INSERT INTO attempts (tenant_id, send_id, step, started_at, ended_at, outcome, detail, request, answer)
    SELECT tenant_id, id, tried, requested_at, finished_at, 'accepted', '', repeat(id, 20), repeat(id, 10)
    FROM sends CROSS JOIN unnest(ARRAY['header', 'write_back']) AS tried
    """,
    """
    INSERT INTO work_orders (tenant_id, connection_id, job_id, number, last_send_id, sent_at, failure_reported)
    SELECT tenant_id, connection_id, job_id, work_order_number, id, finished_at, false FROM sends
    """,
)


@asynccontextmanager
async def opened(rounds: int) -> AsyncIterator[dict[str, Sides]]:
    async with AsyncExitStack() as stack:
        bench = stack.enter_context(sandboxes(SENDS * rounds * 2))
        jobs, measures = iter(bench.job_ids), []
        for count in (FEW, MANY):
            runtime, _ = await stack.enter_async_context(installation())
            places = await add_tenants(runtime, bench.systems, 1, CONNECTIONS)
            await asyncio.to_thread(store, runtime.database_url, count)
            measures.append(partial(milliseconds, runtime, places, jobs))
        yield {"": Sides(*measures)}


def store(database_url: str, count: int) -> None:
    """So many sends of the installation's connections, each of a job of its own."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in STORED:
            connection.execute(statement.encode(), {"count": count} if "%(" in statement else None)
        connection.execute("VACUUM ANALYZE")


async def milliseconds(runtime: Runtime, places: Sequence[Place], jobs: Iterator[str]) -> float:
    """A send's share of the time from the start of the worker to the last send's end."""
    sends = await store_all(runtime.database_url, places, islice(jobs, SENDS))
    started = time.time()
    async with runtime.working():
        ends = await ends_of(runtime.database_url, sends)
    return (ends[-1] - started) / SENDS * 1000


STORED_SENDS = Row(
    name="stored-sends",
    what="a send of an installation with 1,000,000 sends stored",
    floor="a send of one with 1,000 sends stored",
    unit="ms",
    open=opened,
    compare=ratio,
    goal=1.1,
    at_most=True,
    rounds=3,
)
ROWS = (STORED_SENDS,)
