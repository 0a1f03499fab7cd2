"""Events of completed jobs, however they arrive: each job is sent once a connection, and each item posted once."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from random import Random

import aiohttp
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.outbound.postgres.server.migrate import migrate
from adapters.outbound.postgres.transactions import make_engine
from core.model.connections.settings import OnCompletion
from core.model.sending.send import Send, SendState
from core.model.work_orders.cost_line import ItemsMode
from core.services.sending.request_send import SendRequest
from tests.faults.support.fixtures import add_open_job, expected, in_spectrum
from tests.faults.support.hook import deliver, hooked
from tests.faults.support.own_database import own_database
from tests.journeys.world import NORTH, World, open_world

pytestmark = pytest.mark.long

FULL = os.environ.get("FAULTS") == "full"
COMPLETIONS, MOST_DELIVERIES, CALLERS = (1000 if FULL else 100), 20, 8
WEST = "west"
POLL_MINUTES = 6
"""Past the next poll."""


@pytest.fixture
async def world(engine: AsyncEngine) -> AsyncIterator[World]:
    """`north` sends completed jobs with their items. ServiceTrade has been asked once, so the next poll is far off."""
    async with open_world(engine, deadline_seconds=20.0, plugins=[]) as world:
        await prepare(world)
        yield world


async def prepare(world: World) -> None:
    state = world.servicetrade.state
    state.settings.call_ms = 0
    state.external_systems.append(WEST)
    start = datetime.now(UTC) - timedelta(minutes=1)
    await world.change(on_completion=OnCompletion.SEND_WITH_ITEMS, completion_start_date=start)
    await world.sync_completions(world.tenant.id)


def add_jobs(world: World, count: int) -> list[str]:
    """Open jobs with items, mapped for both connections, numbered from 600001 on."""
    state = world.servicetrade.state
    customer = state.add_company(spectrum="HARVIEW", west="HARVIEW")
    site = state.add_location(spectrum="HV0002", west="HV0002")
    return [add_open_job(state, 600001 + n, customer=customer, site=site) for n in range(count)]


def numbers(count: int, letter: str = "T") -> list[str]:
    return [f"{letter}{600001 + n}" for n in range(count)]


async def follow(world: World) -> None:
    """What a worker does: look at the hints, then carry out what they led to."""
    hints_left = True
    while hints_left:
        await world.sync_completions(world.tenant.id)
        async with world.transactions.begin(world.tenant.id) as t:
            hints_left = await t.completions.next_change(await t.now()) is not None
    await world.drain()


async def all_sends(world: World) -> list[Send]:
    sends: list[Send] = []
    before: int | None = None
    while True:
        page = await world.use_cases.list_sends(world.tenant.id, limit=200, before=before)
        sends += page.sends
        if (before := page.next_before) is None:
            return sends


async def test_each_event_once_or_twenty_times_all_shuffled(world: World) -> None:
    west = await world.connect(
        world.tenant,
        WEST,
        external_system=WEST,
        leading_character="W",
        on_completion=OnCompletion.SEND,
        completion_start_date=datetime.now(UTC) - timedelta(minutes=1),
    )
    jobs = add_jobs(world, COMPLETIONS)
    dice = Random(1911)
    events = [job_id for job_id in jobs for _ in range(dice.randint(1, MOST_DELIVERIES))]
    dice.shuffle(events)
    answers: Counter[int | None] = Counter()
    async with hooked(world) as address, aiohttp.ClientSession() as session:
        for job_id in jobs:
            world.servicetrade.state.complete(job_id)

        async def call(share: list[str]) -> None:
            for job_id in share:
                answers[await deliver(session, address, job_id)] += 1

        calling = asyncio.gather(*(call(events[n::CALLERS]) for n in range(CALLERS)))
        while not calling.done():
            await follow(world)
            await asyncio.wait({calling}, timeout=0.1)
        await follow(world)
        await world.servicetrade.webhooks.delivered()  # of our own writes
    by_event = await all_sends(world)
    await world.later(POLL_MINUTES)
    await follow(world)  # by poll
    sends = await all_sends(world)
    print(f"\n{len(jobs)} completions in {len(events)} events: {dict(answers)}; {len(sends)} sends")
    assert answers.keys() == {204}
    assert len(by_event) == len(sends), "the poll found nothing that the events had not told"
    assert {send.state for send in sends} == {SendState.SENT}
    north = (await world.connection()).id
    assert Counter((send.connection_id, send.job_id) for send in sends) == {
        (connection, job_id): 1 for connection in (north, west.id) for job_id in jobs
    }
    assert in_spectrum(world.spectrum.state) == expected(numbers(COMPLETIONS))
    assert set(world.company.work_orders) == {*numbers(COMPLETIONS), *numbers(COMPLETIONS, "W")}


async def test_our_own_writes_that_come_back_set_nothing_off(world: World) -> None:
    by_office, by_us = add_jobs(world, 2)
    async with hooked(world):
        await world.servicetrade.office.complete(by_office)
        await follow(world)
        asked = SendRequest(
            connection=NORTH, job_id=by_us, requested_by="dispatcher", items=ItemsMode.NEW_ONLY, completes=True
        )
        await world.use_cases.request_send(world.tenant.id, asked)
        await world.drain()
        for _ in range(3):
            await world.servicetrade.webhooks.delivered()
            await follow(world)
    heard = Counter(delivery.body["data"][0]["entity"]["id"] for delivery in world.servicetrade.state.deliveries)
    assert heard[int(by_office)] >= 2, "the completion, and the number that we wrote"
    assert heard[int(by_us)] >= 2, "our completion, and the number that we wrote"
    sends = await all_sends(world)
    assert {send.job_id: send.requested_by for send in sends} == {by_office: "completion", by_us: "dispatcher"}
    assert len(sends) == 2
    assert in_spectrum(world.spectrum.state) == expected(numbers(2))


async def test_a_job_completed_before_the_start_is_not_pushed_until_it_is_completed_again(world: World) -> None:
    [job_id] = add_jobs(world, 1)
    long_ago = int((datetime.now(UTC) - timedelta(days=30)).timestamp())
    job = world.job(job_id)
    job.status, job.completed_on = "completed", long_ago
    async with hooked(world) as address, aiohttp.ClientSession() as session:
        assert await deliver(session, address, job_id) == 204
        await follow(world)
        assert await all_sends(world) == [], "not by the event"
        world.servicetrade.state.touch(job_id)
        await world.later(POLL_MINUTES)
        await follow(world)
        assert await all_sends(world) == [], "not by the poll"
        await world.servicetrade.office.reopen(job_id)
        await world.servicetrade.office.complete(job_id)
        await follow(world)
    [send] = await all_sends(world)
    assert (send.state, send.items) == (SendState.SENT, ItemsMode.NEW_ONLY)
    assert in_spectrum(world.spectrum.state) == expected(numbers(1))


async def test_a_job_completed_again_is_sent_again_with_what_is_new_only(world: World) -> None:
    [job_id] = add_jobs(world, 1)
    office = world.servicetrade.office
    async with hooked(world):
        await office.complete(job_id)
        await follow(world)
        await office.reopen(job_id)
        await follow(world)
        assert len(await all_sends(world)) == 1, "an open job sets nothing off"
        await office.add_item(job_id, "Core drilling", kind="subcontractor", code="SUB-CORE", quantity=1, cost=90)
        await office.complete(job_id)
        await follow(world)
    second, first = await all_sends(world)
    assert (first.state, second.state, second.items) == (SendState.SENT, SendState.SENT, ItemsMode.NEW_ONLY)
    assert in_spectrum(world.spectrum.state) == expected(numbers(1)) + Counter({("T600001", "SUB-CORE"): 1})


async def test_while_the_database_is_away_the_hook_refuses_and_the_event_comes_again() -> None:
    with own_database() as database:
        await migrate(database.url)
        engine = make_engine(database.url)
        async with open_world(engine, deadline_seconds=20.0, plugins=[]) as world:
            await prepare(world)
            [job_id] = add_jobs(world, 1)
            state = world.servicetrade.state
            state.settings.delivery_pause_seconds = 6
            async with hooked(world):
                await asyncio.to_thread(database.stop_at_once)
                completing = asyncio.create_task(world.servicetrade.office.complete(job_id))
                await asyncio.wait({completing}, timeout=1)  # the first try is over, the second is seconds away
                await asyncio.to_thread(database.start)
                await completing
            tries = [delivery.status for delivery in state.deliveries]
            print(f"\nthe hook answered {tries}")
            assert tries[:-1], "refused while the database was away"
            assert set(tries[:-1]) == {503}, "so that ServiceTrade tries again"
            assert tries[-1] == 204
            await follow(world)
            [send] = await all_sends(world)
            assert (send.job_id, send.state) == (job_id, SendState.SENT)
        await engine.dispose()
