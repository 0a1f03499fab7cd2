"""Every due tenant is followed, by one worker at a time, whatever befalls the followers."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.bootstrap.worker import work_on
from adapters.outbound.postgres.transactions import PostgresTransactions
from ports.storage.completions import PollState
from tests.support.due_scene import QUICK
from tests.support.running_worker import PATIENCE, no_drain, working
from tests.support.storage_scene import NOW, furnish

LONG_AGO = NOW - timedelta(days=3650)

FOLLOWING_WORKER = """
import asyncio, sys
from adapters.bootstrap.worker import work_on

async def drain(*_):
    return False

async def follow(tenant_id):
    print(tenant_id, flush=True)
    await asyncio.Event().wait()

asyncio.run(work_on(sys.argv[1], drain, sync_completions=follow))
"""


class Followed:
    """A follow that finds nothing more to do. It notes who was followed, and lets tests wait for it."""

    def __init__(self, transactions: PostgresTransactions) -> None:
        self.order: list[str] = []
        self._transactions = transactions
        self._changed = asyncio.Condition()

    async def __call__(self, tenant_id: str) -> None:
        async with self._transactions.begin(tenant_id) as t:
            await t.completions.set_due(None, only_earlier=False)
        async with self._changed:
            self.order.append(tenant_id)
            self._changed.notify_all()

    async def times(self, tenant_id: str, count: int = 1) -> None:
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(lambda: Counter(self.order)[tenant_id] >= count)


@pytest.fixture
async def transactions(engine: AsyncEngine) -> PostgresTransactions:
    return await furnish(engine)


async def set_due(transactions: PostgresTransactions, *numbers: int) -> None:
    for number in numbers:
        async with transactions.begin(f"ten_{number}") as t:
            await t.completions.set_due(LONG_AGO, only_earlier=False)


async def due_at(database_url: str, tenant_id: str) -> str:
    """When a tenant is due: never, now or later."""
    query = "SELECT CASE WHEN due_at IS NULL THEN 'never' WHEN due_at <= now() THEN 'now' ELSE 'later' END"
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        found = await connection.execute(
            f"{query} FROM due_work WHERE kind = 'completion_sync' AND subject = %s".encode(), (tenant_id,)
        )
        row = await found.fetchone()
    return str(row[0]) if row else "never"


async def test_a_due_tenant_is_followed_once_by_two_workers_and_others_are_left_alone(
    database_url: str, transactions: PostgresTransactions
) -> None:
    followed = Followed(transactions)
    async with working(database_url, sync_completions=followed), working(database_url, sync_completions=followed):
        await set_due(transactions, 1)
        await followed.times("ten_1")
        await set_due(transactions, 2)  # by the time this one is followed, both workers have looked again
        await followed.times("ten_2")
    assert followed.order == ["ten_1", "ten_2"]


async def test_the_watch_moves_the_moment_as_told(database_url: str, transactions: PostgresTransactions) -> None:
    later = NOW + timedelta(days=36500)

    async def told(*words: tuple[str, bool]) -> str:
        moments = {"later": later, "now": LONG_AGO, "never": None}
        async with transactions.begin("ten_1") as t:
            for word, only_earlier in words:
                await t.completions.set_due(moments[word], only_earlier=only_earlier)
        return await due_at(database_url, "ten_1")

    assert await told(("later", True)) == "later", "who has no work takes any moment"
    assert await told(("now", True)) == "now"
    assert await told(("later", True)) == "now", "never back"
    assert await told(("later", False)) == "later"
    async with transactions.begin("ten_1") as t:
        await t.completions.poll_succeeded(PollState(), NOW, NOW)
    assert await due_at(database_url, "ten_1") == "later", "a poll is no reason to forget what is due"
    assert await told(("never", False)) == "never"
    assert await due_at(database_url, "ten_2") == "never"


@pytest.mark.long
async def test_the_tenant_of_a_killed_follower_is_taken_over(
    database_url: str, transactions: PostgresTransactions
) -> None:
    await set_due(transactions, 1)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", FOLLOWING_WORKER, database_url, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            assert await process.stdout.readline() == b"ten_1\n"
    finally:
        process.kill()
        await process.wait()
    followed = Followed(transactions)
    async with working(database_url, sync_completions=followed, heartbeat=QUICK):
        await followed.times("ten_1")


async def test_an_error_is_logged_and_ends_neither_the_loop_nor_the_others(
    database_url: str, transactions: PostgresTransactions
) -> None:
    followed = Followed(transactions)

    async def follow(tenant_id: str) -> None:
        await followed(tenant_id)
        if tenant_id == "ten_1":
            await set_due(transactions, 1)
            raise ZeroDivisionError

    await set_due(transactions, 1)
    async with working(database_url, sync_completions=follow):
        await followed.times("ten_1")
        await set_due(transactions, 2)
        await followed.times("ten_2")
        await followed.times("ten_1", 2)


@pytest.mark.parametrize("cancelled", [False, True])
async def test_stopping_lets_a_running_follow_finish_and_begins_no_other(
    database_url: str, transactions: PostgresTransactions, cancelled: bool
) -> None:
    await set_due(transactions, 1)
    begun, go_on, stop = asyncio.Event(), asyncio.Event(), asyncio.Event()
    ended: list[str] = []

    async def follow(tenant_id: str) -> None:
        begun.set()
        await go_on.wait()
        async with transactions.begin(tenant_id) as t:  # it still works with the database
            await t.tenant()
        ended.append(tenant_id)

    before = asyncio.all_tasks()
    task = asyncio.create_task(work_on(database_url, no_drain, sync_completions=follow, stop=stop))
    async with asyncio.timeout(PATIENCE):
        await begun.wait()
        if cancelled:
            task.cancel()
        stop.set()
        await set_due(transactions, 2)
        go_on.set()
        ending = await asyncio.gather(task, return_exceptions=True)
    assert [type(one) for one in ending] == [asyncio.CancelledError if cancelled else type(None)]
    assert ended == ["ten_1"]
    assert asyncio.all_tasks() <= before
    assert await due_at(database_url, "ten_2") == "now"
