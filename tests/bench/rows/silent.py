"""What a tenant notices of another one whose Spectrums accept every call and stay silent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from itertools import islice

from tests.bench.held_spectrums import held_spectrums
from tests.bench.installation import add_tenant_to, add_tenants, installation
from tests.bench.requests import ends_of, p95_of_sends, store_all
from tests.bench.row import Row, Sides, ratio
from tests.bench.sandboxes import CONNECTIONS, sandboxes

SENDS = 45


@asynccontextmanager
async def opened(rounds: int, count: int) -> AsyncIterator[dict[str, Sides]]:
    async with AsyncExitStack() as stack:
        jobs_wanted = (count + 2 * SENDS) * rounds
        bench = stack.enter_context(sandboxes(jobs_wanted, connections=max(count, CONNECTIONS)))
        jobs = iter(bench.job_ids)
        runtime, _ = await stack.enter_async_context(installation())
        held = await stack.enter_async_context(held_spectrums(bench.systems.spectrum_url, count))
        [other] = await add_tenants(runtime, bench.systems, 1, 1)
        silent = await add_tenant_to(runtime, bench.systems, "silent", held.urls)

        async def alone() -> float:
            async with runtime.working():
                return await p95_of_sends(runtime, other, list(islice(jobs, SENDS)))

        async def beside() -> float:
            held.hold()
            sends = await store_all(runtime.database_url, silent, islice(jobs, count))
            async with runtime.working():
                for _ in range(min(count, runtime.slots.of_a_tenant)):
                    await held.called.acquire()
                taken = await p95_of_sends(runtime, other, list(islice(jobs, SENDS)))
                held.may_answer.set()
                await ends_of(runtime.database_url, sends)
            return taken

        yield {"": Sides(alone, beside)}


def _row(count: int) -> Row:
    return Row(
        name=f"silent-{count}",
        what=f"another tenant's send beside {count} connections with silent Spectrums, request to end, p95",
        floor="the same without them",
        unit="ms",
        open=partial(opened, count=count),
        compare=ratio,
        goal=1.5,
        at_most=True,
        rounds=3,
    )


ROWS = tuple(_row(count) for count in (4, 20, 200))
