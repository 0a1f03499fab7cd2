"""The process that serves the hook and works is killed again and again while events arrive: every event that it had
accepted leads to its send, and what it had not accepted is found by the next poll."""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from pathlib import Path
from random import Random

import aiohttp
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from core.model.sending.send import SendState
from core.model.work_orders.cost_line import LineState
from tests.faults.support.fixtures import assert_books_agree, expected, in_spectrum, lines_of, settle_doubts
from tests.faults.support.hook import deliver, register
from tests.faults.support.ports import free_port
from tests.faults.support.serve_process import Orders, Server
from tests.faults.test_events import POLL_MINUTES, add_jobs, all_sends, follow, numbers, prepare
from tests.journeys.world import World, open_world

pytestmark = pytest.mark.long

FULL = os.environ.get("FAULTS") == "full"
KILLS, EVENTS_A_KILL = (100, 10) if FULL else (10, 10)
PATIENCE_SECONDS = 300.0 if FULL else 60.0
QUIET_MINUTES = 16


async def test_what_was_accepted_is_sent_and_the_poll_finds_the_rest(
    engine: AsyncEngine, database_url: str, tmp_path: Path
) -> None:
    dice = Random(815)
    async with open_world(engine, deadline_seconds=20.0, plugins=[]) as world:
        await prepare(world)
        jobs = add_jobs(world, KILLS * EVENTS_A_KILL)
        server = Server(Orders(database_url, free_port(), tmp_path / "serve.log", poll_seconds=86_400))
        address = await register(world, server.url)
        world.servicetrade.state.webhooks.clear()  # this test alone delivers, each event once
        answers: dict[str, int | None] = {}
        async with aiohttp.ClientSession() as session:
            for some in batches(jobs):
                await server.start()
                await deliver_and_kill(world, server, session, address, some, answers, dice)
        await server.start()
        accepted = {job_id for job_id, status in answers.items() if status == 204}
        seconds = await sent(world, accepted)
        await server.stop()
        by_event = await all_sends(world)
        print(
            f"\n{server.kills} kills; {len(answers)} events: {dict(Counter(answers.values()))}; "
            f"{len(by_event)} sends, the last {seconds:.1f} s after the last start"
        )
        assert server.kills == KILLS
        assert set(answers.values()) <= {204, None}
        assert accepted, "some were accepted"
        assert accepted != set(jobs), "some were cut off"
        assert {send.job_id for send in by_event} >= accepted, "an accepted event was lost"

        assert_books_agree(await lines_of(world.use_cases, by_event), in_spectrum(world.spectrum.state))
        await world.later(max(POLL_MINUTES, QUIET_MINUTES))
        await follow(world)  # the poll
        verdicts = await settle_doubts(world.use_cases, world.tenant.id, world.spectrum.state)
        await world.drain()
        sends = await all_sends(world)
        print(f"{len(sends) - len(by_event)} found by the poll; {verdicts.total()} doubts settled: {dict(verdicts)}")
        assert Counter(send.job_id for send in sends) == dict.fromkeys(jobs, 1)
        assert {send.state for send in sends} == {SendState.SENT}
        assert {line.state for line in await lines_of(world.use_cases, sends)} == {LineState.POSTED}
        assert in_spectrum(world.spectrum.state) == expected(numbers(len(jobs)))


def batches(jobs: list[str]) -> list[list[str]]:
    return [jobs[start : start + EVENTS_A_KILL] for start in range(0, len(jobs), EVENTS_A_KILL)]


async def deliver_and_kill(
    world: World,
    server: Server,
    session: aiohttp.ClientSession,
    address: str,
    jobs: list[str],
    answers: dict[str, int | None],
    dice: Random,
) -> None:
    """Deliver all of them at once and kill the server while it answers, or while it works on what it has answered."""
    for job_id in jobs:
        world.servicetrade.state.complete(job_id)

    async def call(job_id: str) -> None:
        answers[job_id] = await deliver(session, address, job_id)

    before = len(answers)
    calls = [asyncio.create_task(call(job_id)) for job_id in jobs]
    mid_work = dice.random() < 0.5
    enough = before + (len(jobs) if mid_work else dice.randint(0, len(jobs) - 1))
    while len(answers) < enough:
        await asyncio.wait([one for one in calls if not one.done()], return_when=asyncio.FIRST_COMPLETED)
    if mid_work:
        await asyncio.sleep(dice.uniform(0, 1))
    await server.kill()
    await asyncio.gather(*calls)


async def sent(world: World, accepted: set[str]) -> float:
    """Wait until every accepted event has led to a send that is at rest. Gives the seconds that it took."""
    started = time.monotonic()
    while time.monotonic() - started < PATIENCE_SECONDS:
        sends = await all_sends(world)
        at_rest = {send.job_id for send in sends if send.state in (SendState.SENT, SendState.IN_DOUBT)}
        if at_rest >= accepted and len(at_rest) == len(sends):
            break
        await asyncio.sleep(0.2)
    return time.monotonic() - started
