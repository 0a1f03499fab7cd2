"""Completing a job from here, and jobs completed in ServiceTrade that send themselves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.sandbox.faults import Fault, FaultKind
from adapters.sandbox.servicetrade.seed import FIRST_JOB_ID
from core.model.connections.settings import OnCompletion
from core.model.sending.send import Send, SendState
from core.model.work_orders.cost_line import ItemsMode
from core.services.sending.request_send import PlanBlocked, SendRequest
from tests.journeys.items import NUMBER, add_item, books, open_job
from tests.journeys.world import NORTH, World

GAUGE = "GAUGE-300 2 18.40"


def job_with_a_gauge(world: World) -> str:
    job_id = open_job(world)
    add_item(world, job_id, GAUGE)
    return job_id


async def complete(world: World, job_id: str, items: ItemsMode = ItemsMode.NEW_ONLY) -> Send:
    wanted = SendRequest(connection=NORTH, job_id=job_id, requested_by="dispatcher", items=items, completes=True)
    send = await world.use_cases.request_send(world.tenant.id, wanted)
    await world.drain()
    return await world.show(send)


async def follow(world: World) -> list[Send]:
    await world.sync_completions(world.tenant.id)
    await world.drain()
    return list((await world.use_cases.list_sends(world.tenant.id)).sends)


async def by_itself(world: World, on_completion: OnCompletion, **settings: Any) -> None:
    """`north` acts on completions from a minute ago on."""
    start = datetime.now(UTC) - timedelta(minutes=1)
    settings = {"completion_start_date": start, **settings}
    await world.change(on_completion=on_completion, **settings)


async def test_completing_completes_in_servicetrade_and_sends_the_items(world: World) -> None:
    job_id = job_with_a_gauge(world)
    send = await complete(world, job_id)
    assert send.state is SendState.SENT
    assert world.job(job_id).status == "completed"
    assert books(world) == [f"{NUMBER} GAUGE-300 2"]


async def test_a_job_that_could_not_be_sent_stays_open(world: World) -> None:
    job_id = job_with_a_gauge(world)
    world.job(job_id).location = None
    with pytest.raises(PlanBlocked):
        await complete(world, job_id)
    assert world.job(job_id).status == "scheduled"


async def test_a_completed_job_is_not_completed_twice(world: World) -> None:
    job_id = job_with_a_gauge(world)
    moment = world.servicetrade.state.complete(job_id)
    assert (await complete(world, job_id)).state is SendState.SENT
    assert world.job(job_id).completed_on == moment


async def test_completing_while_servicetrade_is_away_goes_on_when_it_is_back(world: World) -> None:
    job_id = job_with_a_gauge(world)
    wanted = SendRequest(
        connection=NORTH, job_id=job_id, requested_by="dispatcher", items=ItemsMode.NEW_ONLY, completes=True
    )
    send = await world.use_cases.request_send(world.tenant.id, wanted)
    world.servicetrade.faults.add(Fault(FaultKind.APPLY_THEN_DROP, match="/api/job/", method="PUT"))
    await world.drain()
    await world.later(minutes=1)
    assert (await world.show(send)).state is SendState.SENT
    assert world.job(job_id).status == "completed"
    assert books(world) == [f"{NUMBER} GAUGE-300 2"]


async def test_by_default_a_completed_job_causes_nothing(world: World) -> None:
    world.servicetrade.state.complete(job_with_a_gauge(world))
    assert await follow(world) == []


@pytest.mark.parametrize(
    ("mode", "lines"), [(OnCompletion.SEND, []), (OnCompletion.SEND_WITH_ITEMS, [f"{NUMBER} GAUGE-300 2"])]
)
async def test_a_completed_job_sends_itself_once_as_set(world: World, mode: OnCompletion, lines: list[str]) -> None:
    await by_itself(world, mode)
    job_id = job_with_a_gauge(world)
    assert await follow(world) == []
    world.servicetrade.state.complete(job_id)
    for minutes in (6, 6, 6):
        world.clock.advance(minutes * 60)
        [send] = await follow(world)
    assert (send.state, send.requested_by) == (SendState.SENT, "completion")
    assert books(world) == lines


async def test_jobs_completed_before_the_start_date_are_left_alone(world: World) -> None:
    await by_itself(world, OnCompletion.SEND_WITH_ITEMS)
    world.job(FIRST_JOB_ID).completed_on = int((datetime.now(UTC) - timedelta(days=3)).timestamp())
    world.servicetrade.state.touch(FIRST_JOB_ID)
    assert await follow(world) == []


async def test_what_we_completed_ourselves_is_not_sent_a_second_time(world: World) -> None:
    await by_itself(world, OnCompletion.SEND_WITH_ITEMS)
    sent = await complete(world, job_with_a_gauge(world))
    world.clock.advance(360)
    assert [send.id for send in await follow(world)] == [sent.id]
    assert books(world) == [f"{NUMBER} GAUGE-300 2"]


@pytest.mark.parametrize(("mode", "quantity"), [(ItemsMode.NEW_ONLY, 0), (ItemsMode.DIFFERENCE, 3)])
async def test_completed_again_the_setting_decides_about_the_items(
    world: World, mode: ItemsMode, quantity: int
) -> None:
    await by_itself(world, OnCompletion.SEND_WITH_ITEMS, items_on_resend=mode)
    job_id = job_with_a_gauge(world)
    state = world.servicetrade.state
    state.complete(job_id)
    await follow(world)
    state.reopen(job_id)
    [item] = [item for item, one in state.job_items.items() if one.job == job_id]
    state.alter({"job_items": {item: {"quantity": "5"}}})
    state.complete(job_id)
    world.clock.advance(360)
    assert len(await follow(world)) == 2
    assert books(world)[1:] == ([f"{NUMBER} GAUGE-300 {quantity}"] if quantity else [])


async def test_a_completed_job_that_cannot_be_sent_is_told_of(world: World) -> None:
    await by_itself(world, OnCompletion.SEND_WITH_ITEMS)
    job_id = job_with_a_gauge(world)
    world.job(job_id).location = None
    world.servicetrade.state.complete(job_id)
    [send] = await follow(world)
    assert send.state is SendState.NEEDS_ATTENTION
    assert len(world.comments(job_id)) == 1
