"""A tenant's queue holds exactly as many sends as may wait, however many processes and connections fill it at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.outbound.postgres.transactions import make_engine
from core.model.connections.connection import ConnectionSecrets
from core.model.sending.new_send import NewSend
from core.model.sending.send import SendState
from core.model.shared.secret import Secret
from core.services.sending.lifecycle.commit_change import CommitChange
from core.services.sending.store_request import QueueFull, StoreRequest
from ports.storage.send_requests import BoundKey, RequestedSends
from tests.support.dependencies import over
from tests.support.storage_scene import a_connection, furnish, transactions_on

MOST = 30


@pytest.fixture
async def processes(engine: AsyncEngine, database_url: str) -> AsyncIterator[list[StoreRequest]]:
    """Three processes that store requests. ten_1 has a second connection."""
    async with AsyncExitStack() as stack:
        first = await furnish(engine)
        async with first.begin("ten_1") as t:
            await t.connections.add(a_connection(3, tenant=1), ConnectionSecrets(Secret("AUTH")))
        more = [make_engine(database_url) for _ in range(2)]
        for one in more:
            stack.push_async_callback(one.dispose)
        found = [replace(over(one), sends_waiting_at_most=MOST) for one in (first, *map(transactions_on, more))]
        yield [StoreRequest(d, CommitChange(d)) for d in found]


def wanted(name: str, *jobs: str, slug: str = "main-1", keyed: bool = False) -> RequestedSends:
    sends = [NewSend(id=f"snd_{name}_{job}", job_id=job, requested_by="ann") for job in jobs]
    key = BoundKey(name, "hash", sends[0].id) if keyed else None
    return RequestedSends(slug=slug, sends=sends, key=key)


async def test_processes_and_connections_at_the_same_time_fill_it_exactly(
    processes: list[StoreRequest], engine: AsyncEngine
) -> None:
    places = [(process, slug) for process in processes for slug in ("main-1", "main-3")]

    async def ask(number: int) -> int:
        process, slug = places[number % len(places)]
        jobs = [f"{number}-{place}" for place in range(1 + number % 3)]
        try:
            return len((await process("ten_1", wanted(f"r{number}", *jobs, slug=slug, keyed=number % 2 == 0))).sends)
        except QueueFull:
            return 0

    async def of_others(number: int) -> int:
        return len((await processes[number % 3]("ten_2", wanted(f"o{number}", str(number), slug="main-2"))).sends)

    done, others = await asyncio.gather(
        asyncio.gather(*(ask(number) for number in range(90))), asyncio.gather(*(of_others(n) for n in range(20)))
    )
    left = [await ask(number) for number in range(90, 96)]  # whatever was left for one send
    assert sum(done) + sum(left) == await waiting(engine) == MOST
    assert sum(others) == 20, "another tenant's full queue is not theirs"


async def test_a_send_that_takes_the_place_of_an_older_one_needs_no_room_and_blocks_nobody(
    processes: list[StoreRequest], engine: AsyncEngine
) -> None:
    for number in range(MOST):
        await processes[0]("ten_1", wanted(f"r{number}", str(number), slug=("main-1", "main-3")[number % 2]))

    async def again(number: int) -> str:
        slug, job = ("main-1", "main-3")[number % 2], str(number % MOST)
        try:
            await processes[number % 3]("ten_1", wanted(f"a{number}", job, slug=slug))
        except QueueFull:
            return "full"
        return "stored"

    async def new(number: int) -> str:
        try:
            await processes[number % 3]("ten_1", wanted(f"n{number}", f"new-{number}"))
        except QueueFull:
            return "full"
        return "stored"

    async with asyncio.timeout(60):
        told = await asyncio.gather(*(one(number) for number in range(60) for one in (again, new)))
    assert await waiting(engine) == MOST
    assert told[0::2] == ["stored"] * 60
    assert set(told[1::2]) == {"full"}


async def waiting(engine: AsyncEngine) -> int:
    async with transactions_on(engine).begin("ten_1") as t:
        states = [one.state for one in await t.sends.page(limit=500)]
    return sum(state in (SendState.QUEUED, SendState.RETRYING) for state in states)
