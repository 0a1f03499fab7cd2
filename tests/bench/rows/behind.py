"""What a tenant notices of another one that has 10,000 sends or completion hints waiting; a worker serves both."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from itertools import islice

import psycopg

from core.model.connections.settings import OnCompletion
from ports.storage.due_work import WorkKind
from tests.bench.installation import add_tenant, add_tenants, installation
from tests.bench.requests import p95_of_sends, store_all
from tests.bench.row import Opens, Row, Sides, ratio
from tests.bench.sandboxes import sandboxes

SENDS, WAITING = 30, 10_000
HINTS = "INSERT INTO hints (tenant_id, job_id, due_at) SELECT %(tenant)s, unnest(%(jobs)s::text[]), now()"
DUE = "UPDATE due_work SET due_at = CASE WHEN %(due)s THEN now() END WHERE tenant_id = %(tenant)s AND kind = %(kind)s"


@asynccontextmanager
async def opened(rounds: int, kind: WorkKind, numbers_of_connections: Sequence[int]) -> AsyncIterator[dict[str, Sides]]:
    """The busy tenant's jobs are open: a hint leads to a look at ServiceTrade, and to no send."""
    async with AsyncExitStack() as stack:
        wanted = len(numbers_of_connections) * (WAITING + 2 * SENDS * rounds)
        bench = stack.enter_context(sandboxes(wanted))
        jobs, sides = iter(bench.job_ids), {}
        runtime, _ = await stack.enter_async_context(installation())
        [other] = await add_tenants(runtime, bench.systems, 1, 1)
        with psycopg.connect(runtime.database_url, autocommit=True) as database:

            async def measured(tenant_id: str, due: bool) -> float:
                about = {"tenant": tenant_id, "kind": kind.value}
                database.execute(DUE, {**about, "due": due})
                async with runtime.working():
                    taken = await p95_of_sends(runtime, other, list(islice(jobs, SENDS)))
                database.execute(DUE, {**about, "due": False})
                return taken

            for count in numbers_of_connections:
                acts = OnCompletion.SEND if kind is WorkKind.COMPLETIONS else OnCompletion.OFF
                busy = await add_tenant(runtime, bench.systems, f"of-{count}", count, on_completion=acts)
                tenant_id = busy[0].tenant_id
                waiting = list(islice(jobs, WAITING))
                if kind is WorkKind.COMPLETIONS:
                    database.execute(HINTS, {"tenant": tenant_id, "jobs": waiting})
                else:
                    await store_all(runtime.database_url, busy, waiting, due=False)
                name = f"busy connections: {count}" if len(numbers_of_connections) > 1 else ""
                sides[name] = Sides(partial(measured, tenant_id, False), partial(measured, tenant_id, True))
            yield sides


def _row(name: str, things: str, opens: Opens, note: str) -> Row:
    return Row(
        name=name,
        what=f"another tenant's send behind {WAITING:,} waiting {things}, request to end, p95",
        floor="the same while nothing waits",
        unit="ms",
        open=opens,
        compare=ratio,
        goal=2,
        at_most=True,
        rounds=3,
        note=note,
    )


BEHIND_SENDS = _row(
    "behind-sends",
    "sends",
    partial(opened, kind=WorkKind.DRAIN, numbers_of_connections=(1, 25)),
    "The remote systems answer at once, so 25 connections keep the worker's processor busy. The busy tenant has one"
    " transaction at a time beside another tenant's, and both share the processors, the database and the simulated"
    " systems.",
)
BEHIND_HINTS = _row(
    "behind-hints",
    "completion hints",
    partial(opened, kind=WorkKind.COMPLETIONS, numbers_of_connections=(1,)),
    "",
)
ROWS = (BEHIND_SENDS, BEHIND_HINTS)
