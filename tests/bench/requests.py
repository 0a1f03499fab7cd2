"""Sends of the benchmark: stored at once, awaited with next to no work for the measured process, and timed singly."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence

import psycopg

from adapters.bootstrap.runtime import Runtime
from core.model.sending.send import Send, SendState
from core.model.work_orders.cost_line import ItemsMode
from core.services.sending.request_send import SendRequest
from tests.bench.installation import Place

LOOK_SECONDS = 0.05
PATIENCE_SECONDS = 600
_WARM_UP, _PAUSE_SECONDS = 5, 0.01
_STORE = """
INSERT INTO sends (id, tenant_id, connection_id, job_id, state, step, due_at, attempts, waits, adopt, items, completes,
    findings, requested_at, requested_by, version)
SELECT 'snd_' || job, c.tenant_id, c.id, job, 'queued', 'plan', now(), 0, 0, false, %(items)s, false, '[]', now(),
    'bench', 1
FROM unnest(%(jobs)s::text[], %(tenants)s::text[], %(slugs)s::text[]) WITH ORDINALITY AS asked (job, tenant, slug, n)
JOIN connections c ON c.tenant_id = tenant AND c.slug = asked.slug ORDER BY n
RETURNING id
"""
_MAKE_DUE = """
UPDATE due_work SET due_at = now()
WHERE kind = 'drain' AND subject IN (SELECT connection_id FROM sends WHERE id = ANY (%s))
"""
_OPEN = "SELECT count(*) FROM sends WHERE id = ANY (%s) AND due_at IS NOT NULL"
_ENDS = "SELECT state, extract(epoch FROM finished_at) FROM sends WHERE id = ANY (%s)"


async def store_all(
    database_url: str,
    places: Sequence[Place],
    jobs: Iterable[str],
    *,
    due: bool = True,
    items: ItemsMode = ItemsMode.NONE,
) -> list[str]:
    """Sends of these jobs as if requested, without the time of that; their ids. They are dealt out to the connections
    in turn. A worker looks at them if they are `due`, or else when their connection is made due."""
    asked = [(job_id, places[number % len(places)]) for number, job_id in enumerate(jobs)]
    values = {
        "jobs": [job_id for job_id, _ in asked],
        "tenants": [place.tenant_id for _, place in asked],
        "slugs": [place.slug for _, place in asked],
        "items": items.value,
    }
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        found = await (await connection.execute(_STORE, values)).fetchall()
    ids = [row[0] for row in found]
    if due:
        await make_due(database_url, ids)
    return ids


async def make_due(database_url: str, ids: Sequence[str]) -> None:
    """Let a worker look at the connections of these sends."""
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        await connection.execute(_MAKE_DUE, (list(ids),))


async def request_one(runtime: Runtime, place: Place, job_id: str, items: ItemsMode = ItemsMode.NONE) -> Send:
    request = SendRequest(connection=place.slug, job_id=job_id, requested_by="bench", items=items)
    return await runtime.use_cases.request_send(place.tenant_id, request)


async def ends_of(database_url: str, ids: Sequence[str]) -> list[float]:
    """When each send ended, in the clock's seconds, earliest first; waits until all have. Raises RuntimeError if one
    did not end well."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        while (await (await connection.execute(_OPEN, (list(ids),))).fetchone()) != (0,):
            if time.monotonic() > give_up:
                raise RuntimeError("the sends of the benchmark do not come to their end")
            await asyncio.sleep(LOOK_SECONDS)
        found = await (await connection.execute(_ENDS, (list(ids),))).fetchall()
    if bad := [state for state, _ in found if state != SendState.SENT.value]:
        raise RuntimeError(f"{len(bad)} sends of the benchmark did not end well: {sorted(set(bad))}")
    return sorted(float(ended) for _, ended in found)


async def p95_of_sends(runtime: Runtime, place: Place, jobs: Sequence[str]) -> float:
    """Milliseconds from a request to the send's end, one after the other. The first ones are not counted."""
    taken = []
    for job_id in jobs:
        started = time.perf_counter()
        send = await request_one(runtime, place, job_id)
        ended = await runtime.use_cases.wait_for_send(send.tenant_id, send.id, PATIENCE_SECONDS)
        if ended.state is not SendState.SENT:
            raise RuntimeError(f"a send of the benchmark did not end well: {ended.findings}")
        taken.append((time.perf_counter() - started) * 1000)
        await asyncio.sleep(_PAUSE_SECONDS)
    counted = sorted(taken[_WARM_UP:])
    return counted[int(len(counted) * 0.95)]
