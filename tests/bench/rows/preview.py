"""What a preview adds to its remote calls: the slowest of twenty, beside the same calls by a bare script."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

import aiohttp

from adapters.bootstrap.runtime import Runtime
from tests.bench.bare_send import BareSend
from tests.bench.installation import Place, add_tenants, installation
from tests.bench.row import Row, Sides, added
from tests.bench.sandboxes import sandboxes

PREVIEWS = 200
Once = Callable[[], Awaitable[object]]


@asynccontextmanager
async def opened(_: int) -> AsyncIterator[dict[str, Sides]]:
    async with AsyncExitStack() as stack:
        bench = stack.enter_context(sandboxes(1))
        runtime, _settings = await stack.enter_async_context(installation())
        [place] = await add_tenants(runtime, bench.systems, 1, 1)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        bare = BareSend(bench.systems, session)
        await bare.sign_in()
        [job_id] = bench.job_ids
        yield {
            "": Sides(
                partial(p95, partial(bare.read, job_id)),
                partial(p95, partial(preview, runtime, place, job_id)),
            )
        }


async def preview(runtime: Runtime, place: Place, job_id: str) -> None:
    shown = await runtime.use_cases.preview_send(place.tenant_id, place.slug, job_id)
    if not shown.plan.sendable:
        raise RuntimeError(f"a preview of the benchmark is blocked: {shown.plan.blockers}")


async def p95(once: Once) -> float:
    """Milliseconds."""
    taken = []
    for _ in range(PREVIEWS):
        started = time.perf_counter()
        await once()
        taken.append(time.perf_counter() - started)
    return sorted(taken)[int(len(taken) * 0.95)] * 1000


PREVIEW = Row(
    name="preview",
    what="a preview beyond its remote calls, p95",
    floor="the same remote calls by a bare script, p95",
    unit="ms",
    open=opened,
    compare=added,
    goal=8,
    at_most=True,
    shown="{:.1f} ms",
)
ROWS = (PREVIEW,)
