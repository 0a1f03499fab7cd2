"""The database is stopped and started again under load: no line lost or posted twice, no send stuck, and work goes on
by itself within half a minute of every start."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator
from random import Random

import pytest

from adapters.outbound.postgres.server.migrate import migrate
from adapters.outbound.postgres.transactions import make_engine
from core.model.sending.send import Send, SendState
from core.model.shared.errors import TimeMends
from core.model.work_orders.cost_line import ItemsMode, LineState
from core.services.sending.request_send import SendRequest
from tests.faults.support.fixtures import (
    add_completed_job,
    assert_books_agree,
    expected,
    in_spectrum,
    lines_of,
    settle_doubts,
)
from tests.faults.support.own_database import OwnDatabase, own_database
from tests.faults.support.ports import free_port
from tests.faults.support.serve_process import Orders, Server
from tests.journeys.world import NORTH, World, open_world

pytestmark = pytest.mark.long

FULL = os.environ.get("FAULTS") == "full"
SENDS, PER_SECOND = (500, 3.0) if FULL else (40, 100.0)
FIRST_PROGRESS_SECONDS = 30.0
QUIET_SECONDS = 15 * 60
PATIENCE_SECONDS = 300.0 if FULL else 60.0


@pytest.fixture
def database() -> Iterator[OwnDatabase]:
    with own_database() as database:
        yield database


@pytest.fixture
async def world(database: OwnDatabase) -> AsyncIterator[World]:
    await migrate(database.url)
    engine = make_engine(database.url)
    async with open_world(engine, deadline_seconds=20.0, plugins=[]) as world:
        world.servicetrade.state.settings.call_ms = 0
        yield world
    await engine.dispose()


async def ask_for_all(world: World, jobs: list[str]) -> list[Send]:
    """A caller that is persistent: it repeats what was not accepted, under the same key."""
    sends = []
    for job_id in jobs:
        asked = SendRequest(connection=NORTH, job_id=job_id, requested_by="load", items=ItemsMode.NEW_ONLY)
        while True:
            try:
                sends.append(await world.use_cases.request_send(world.tenant.id, asked, idempotency_key=job_id))
            except TimeMends:
                await asyncio.sleep(0.2)
            else:
                break
        await asyncio.sleep(1 / PER_SECOND)
    return sends


async def stop_and_start(world: World, database: OwnDatabase, away: float) -> float:
    """Gives the seconds from the start to the next call that changed something in Spectrum."""
    await asyncio.to_thread(database.stop_at_once)
    await asyncio.sleep(away)
    before = len(world.spectrum.requests.applied())
    started = time.monotonic()
    await asyncio.to_thread(database.start)
    async with asyncio.timeout(PATIENCE_SECONDS):
        await world.spectrum.requests.wait(before, applied=True)
    return time.monotonic() - started


async def all_at_rest(world: World, sends: list[Send]) -> list[Send]:
    return [await world.use_cases.wait_for_send(send.tenant_id, send.id, PATIENCE_SECONDS) for send in sends]


async def test_the_database_is_pulled_under_load(world: World, database: OwnDatabase) -> None:
    state = world.servicetrade.state
    customer, site = state.add_company(spectrum="HARVIEW"), state.add_location(spectrum="HV0002")
    jobs = [add_completed_job(state, 600001 + n, customer=customer, site=site) for n in range(SENDS)]
    numbers = [f"T{600001 + n}" for n in range(SENDS)]
    dice, waits = Random(26), []
    servers = [Server(Orders(database.url, free_port(), database.folder / "serve.log")) for _ in range(2)]
    try:
        for server in servers:
            await server.start()
        asking = asyncio.create_task(ask_for_all(world, jobs))
        if FULL:
            while not asking.done():
                await asyncio.wait({asking}, timeout=dice.uniform(5, 40))
                if not asking.done():
                    waits.append(await stop_and_start(world, database, dice.uniform(0.5, 40)))
        else:
            for calls in (20, 70):  # of some 120
                await world.spectrum.requests.wait(calls, applied=True)
                waits.append(await stop_and_start(world, database, 0.5))
        sends = await all_at_rest(world, await asking)
    finally:
        for server in servers:
            await server.stop()
    print(f"\ndatabase pulled {database.stops} times, first progress after {[round(one, 1) for one in waits]} s")
    assert database.stops >= 2
    if FULL:
        assert max(waits) < FIRST_PROGRESS_SECONDS

    before = await lines_of(world.use_cases, sends)
    assert_books_agree(before, in_spectrum(world.spectrum.state))
    assert {send.state for send in sends} <= {SendState.SENT, SendState.IN_DOUBT}, "a send is stuck"
    world.clock.advance(QUIET_SECONDS + 1)
    verdicts = await settle_doubts(world.use_cases, world.tenant.id, world.spectrum.state)
    await world.drain()
    after = [await world.show(send) for send in sends]
    lines = await lines_of(world.use_cases, after)
    print(f"{len(sends)} sends, {len(lines)} lines, {verdicts.total()} doubts settled: {dict(verdicts)}")
    assert {send.state for send in after} == {SendState.SENT}
    assert {line.state for line in lines} == {LineState.POSTED}
    assert in_spectrum(world.spectrum.state) == expected(numbers)
