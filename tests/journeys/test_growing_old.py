"""A job years later: its details are deleted, and what was sent still counts."""

from __future__ import annotations

from core.model.connections.settings import OnCompletion
from core.model.sending.send import SendState
from core.model.work_orders.cost_line import ItemsMode, LineState
from tests.journeys.items import NUMBER, add_item, books, completed_job, lose_the_answer, open_job
from tests.journeys.test_automation import HOUR, at_present, change, complete, follow
from tests.journeys.world import World

GAUGE, VALVE = "GAUGE-300 2 18.40", "CV4G 1 412.85"


async def test_what_was_posted_years_ago_is_shown_and_not_posted_again(world: World) -> None:
    job_id = completed_job(world, GAUGE)
    first = await world.send(job_id, items=ItemsMode.NEW_ONLY)
    await world.send(job_id)
    await world.years_later(3)
    details = await world.use_cases.show_send(world.tenant.id, first.id)
    assert (details.send.plan, details.attempts) == (None, [])
    assert [line.state for line in details.lines] == [LineState.POSTED]
    add_item(world, job_id, VALVE)
    plan = await world.preview(job_id, items=ItemsMode.NEW_ONLY)
    assert ([left.code for left in plan.left_out], plan.number) == (["posted"], NUMBER)
    again = await world.send(job_id, items=ItemsMode.NEW_ONLY)
    assert again.state is SendState.SENT
    assert books(world) == [f"{NUMBER} GAUGE-300 2", f"{NUMBER} CV4G 1"]


async def test_sends_without_items_go_but_for_the_newest(world: World) -> None:
    job_id = open_job(world)
    for _ in range(3):
        newest = await world.send(job_id)
    await world.years_later(3)
    left = (await world.use_cases.list_sends(world.tenant.id)).sends
    assert [send.id for send in left] == [newest.id]
    assert (await world.send(job_id)).work_order_number == NUMBER


async def test_a_doubt_of_years_ago_can_be_settled(world: World) -> None:
    job_id = completed_job(world, GAUGE)
    lose_the_answer(world)
    send = await world.send(job_id, items=ItemsMode.NEW_ONLY)
    await world.years_later(3)
    [doubt] = await world.use_cases.doubts.list(world.tenant.id)
    assert doubt.attempt, "what was sent is there for the person who compares"
    await world.use_cases.doubts.settle(
        world.tenant.id, doubt.line.id, LineState.POSTED, reason="it is there", by="ann"
    )
    await world.drain()
    assert (await world.show(send)).state is SendState.SENT


async def test_a_completion_that_is_forgotten_sends_nothing_when_its_job_changes(world: World) -> None:
    await change(world, on_completion=OnCompletion.SEND, completion_start_date=world.clock.now() - 2 * HOUR)
    await follow(world)
    old, new = open_job(world), open_job(world)
    complete(world, old)
    assert [send.job_id for send in await follow(world, minutes=6)] == [old]
    await world.years_later(3)
    async with world.transactions.begin(world.tenant.id) as t:
        assert not await t.completions.of_job(old)
    world.job(old).updated = int(world.clock.now().timestamp())
    complete(world, new)
    assert [send.job_id for send in await follow(world, minutes=6)] == [old, new]
    at_present(world, old)
    assert [send.job_id for send in await follow(world, minutes=6)] == [old, new, old], "completed anew"
