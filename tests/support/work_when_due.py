"""The worker of a scene in memory: it works when something becomes due, and rests in between."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from adapters.outbound.memory.rows import Rows
from ports.storage.due_work import WorkKind
from tests.support.http_scene import Scene


@asynccontextmanager
async def working_when_due(scene: Scene) -> AsyncIterator[None]:
    """Read lists, find codes and send until the block ends. The scene's clock goes on as time does, so that what waits
    ten seconds does so here. Fails if the worker ended early."""
    working = asyncio.create_task(_work(scene))
    yield
    assert not working.done(), "the worker has ended early"
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working


async def _work(scene: Scene) -> None:
    tenant = await scene.use_cases.find_tenant("cardinal")
    serving: dict[WorkKind, Callable[[str, str], Awaitable[None]]] = {
        WorkKind.CODES: scene.refresh_lists,
        WorkKind.SUGGESTIONS: scene.carry_out_suggestions,
    }
    came_up, looked = _told_of_new_work(scene), time.monotonic()
    while True:
        came_up.clear()
        looked, before = time.monotonic(), looked
        scene.clock.advance(looked - before)
        for (kind, subject), at in list(scene.transactions.rows.due_work.items()):
            if kind in serving and at <= scene.clock.now():
                await serving[kind](tenant.id, subject)
        await scene.work()
        due = [at for (kind, _), at in scene.transactions.rows.due_work.items() if kind in serving]
        seconds = max(0.0, (min(due) - scene.clock.now()).total_seconds()) if due else None
        with suppress(TimeoutError):
            await asyncio.wait_for(came_up.wait(), seconds)


def _told_of_new_work(scene: Scene) -> asyncio.Event:
    """Set by each commit that lets something become due at another moment."""
    came_up, feed = asyncio.Event(), scene.transactions.change_feed
    tell = feed.committed

    def committed(before: Rows, after: Rows) -> None:
        tell(before, after)
        if after.woken or before.due_work != after.due_work:
            came_up.set()

    feed.committed = committed  # type: ignore[method-assign]
    return came_up
