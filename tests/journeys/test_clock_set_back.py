"""The clock was ahead for hours and is set back: what was put off, and what polls missed meanwhile, is made up for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from structlog.testing import capture_logs

from core.model.connections.settings import OnCompletion
from core.model.sending.send import Send
from core.services.operations.wake_late_work import WakeLateWork
from ports.storage.due_work import WorkKind
from tests.journeys.items import add_item, open_job
from tests.journeys.world import NORTH, World
from tests.support.dependencies import over

AHEAD = timedelta(hours=5)


async def wake(world: World) -> None:
    """As every hour."""
    parts = replace(over(world.transactions), clock=world.clock)
    await WakeLateWork(parts)(world.tenant.id)


async def polled(world: World) -> list[Send]:
    await world.sync_completions(world.tenant.id)
    await world.drain()
    return list(reversed((await world.use_cases.list_sends(world.tenant.id)).sends))


def complete(world: World, real: float) -> str:
    """A job is completed in ServiceTrade, whose clock is right."""
    job_id = open_job(world)
    add_item(world, job_id, "GAUGE-300 2 18.40")
    world.servicetrade.state.complete(job_id)
    job = world.job(job_id)
    job.updated = job.completed_on = int(real)
    return job_id


async def test_what_was_completed_while_the_clock_was_ahead_is_sent_once_it_is_right(world: World) -> None:
    start = world.clock.now() - timedelta(days=1)
    await world.change(on_completion=OnCompletion.SEND_WITH_ITEMS, completion_start_date=start)
    before = complete(world, world.clock.now().timestamp())
    assert [one.job_id for one in await polled(world)] == [before]
    world.clock.advance(AHEAD.total_seconds())
    await polled(world)
    missed = complete(world, (world.clock.now() - AHEAD).timestamp() + 60)
    world.clock.advance(600)
    assert [one.job_id for one in await polled(world)] == [before], "asked for what changes hours from now"
    world.clock.advance(-AHEAD.total_seconds())
    assert len(await polled(world)) == 1, "the next poll is hours away"
    await wake(world)
    sends = await polled(world)
    assert [one.job_id for one in sends] == [before, missed]
    world.clock.advance(600)
    assert await polled(world) == sends, "each once"


async def test_work_in_parts_that_was_put_off_while_the_clock_was_ahead_is_due(world: World) -> None:
    today = world.clock.now().date() - timedelta(days=1)
    run = await world.use_cases.start_reconciliation(world.tenant.id, today, today, by="ann")
    await world.use_cases.start_search(world.tenant.id, NORTH)
    north = await world.connection()
    async with world.transactions.begin(world.tenant.id) as t:
        now = await t.now()
        await t.reconciliations.set_due(run.id, now + AHEAD)
        await t.suggestions.set_due(north.id, now + AHEAD)
        await t.code_lists.set_due(north.id, now + 10 * AHEAD)
    with capture_logs() as log:
        await wake(world)
    assert [one["count"] for one in log if one["event"] == "work.due_again"] == [2]
    async with world.transactions.begin(world.tenant.id) as t:
        now = await t.now()
        assert await t.pull_forward(WorkKind.RECONCILIATION, [run.id], now) == 0, "it is due"
        assert await t.pull_forward(WorkKind.SUGGESTIONS, [north.id], now) == 0, "it is due"
        assert await t.pull_forward(WorkKind.CODES, [north.id], now) == 1, "lists wait for the night"
