"""The wake-up belongs to the transaction: seen exactly when the rows are, never lost, never the reason for a loss."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.outbound.postgres.transactions import PostgresTransactions
from ports.storage.due_work import QUEUE
from tests.support.storage_scene import a_send, drains, furnish, until_somebody_waits

FETCH = "SELECT id, lock FROM procrastinate_fetch_job_v2(ARRAY[%s]::varchar[], %s)"


@pytest.fixture
async def transactions(engine: AsyncEngine) -> PostgresTransactions:
    return await furnish(engine)


@pytest.fixture
async def worker(database_url: str) -> AsyncIterator[FetchingWorker]:
    """A registered worker that fetches when told to."""
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        found = await connection.execute("INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id")
        row = await found.fetchone()
        assert row is not None
        await connection.commit()
        yield FetchingWorker(connection, row[0])


class FetchingWorker:
    def __init__(self, connection: psycopg.AsyncConnection, worker_id: int) -> None:
        self.connection = connection
        self._id = worker_id

    async def fetch(self) -> str | None:
        """The connection of the drain that it took; still uncommitted."""
        row = await (await self.connection.execute(FETCH, (QUEUE, self._id))).fetchone()
        return row[1] if row else None


async def add_and_wake(transactions: PostgresTransactions, number: int) -> None:
    async with transactions.begin("ten_1") as t:
        await t.sends.add(a_send(number))
        await t.connections.wake("con_1", None)


async def stored(transactions: PostgresTransactions) -> list[str]:
    async with transactions.begin("ten_1") as t:
        return sorted(send.id for send in await t.sends.page())


async def test_concurrent_enqueuers_all_commit_and_share_one_drain(
    database_url: str, transactions: PostgresTransactions
) -> None:
    await asyncio.gather(*(add_and_wake(transactions, number) for number in range(8)))
    assert await stored(transactions) == [f"snd_{number}" for number in range(8)]
    assert await drains(database_url) == [("con_1", "todo")]


@pytest.mark.parametrize("first_commits", [True, False])
async def test_an_enqueuer_waits_for_its_twin_and_then_commits(
    database_url: str, transactions: PostgresTransactions, first_commits: bool
) -> None:
    twin = None
    try:
        async with transactions.begin("ten_1") as t:
            await t.sends.add(a_send(1))
            await t.connections.wake("con_1", None)
            twin = asyncio.create_task(add_and_wake(transactions, 2))
            await until_somebody_waits(database_url)
            if not first_commits:
                raise ZeroDivisionError
    except ZeroDivisionError:
        assert not first_commits
    assert twin is not None
    await twin
    assert await stored(transactions) == (["snd_1", "snd_2"] if first_commits else ["snd_2"])
    assert await drains(database_url) == [("con_1", "todo")]


async def test_a_wake_up_rolls_back_with_its_rows(database_url: str, transactions: PostgresTransactions) -> None:
    with pytest.raises(ZeroDivisionError):
        async with transactions.begin("ten_1") as t:
            await t.connections.wake("con_1", None)
            raise ZeroDivisionError
    assert await drains(database_url) == []


async def test_a_drain_somebody_else_queued_starts_only_after_our_commit(
    transactions: PostgresTransactions, worker: FetchingWorker
) -> None:
    await add_and_wake(transactions, 1)
    async with transactions.begin("ten_1") as t:
        await t.sends.add(a_send(2))
        await t.connections.wake("con_1", None)
        assert await worker.fetch() is None, "it would end without having seen our send"
        await worker.connection.commit()
    assert await worker.fetch() == "con_1"
    await worker.connection.commit()
    assert await stored(transactions) == ["snd_1", "snd_2"]


async def test_a_drain_that_is_being_taken_does_not_count_as_queued(
    database_url: str, transactions: PostgresTransactions, worker: FetchingWorker
) -> None:
    await add_and_wake(transactions, 1)
    assert await worker.fetch() == "con_1"
    ours = asyncio.create_task(add_and_wake(transactions, 2))
    await until_somebody_waits(database_url)
    await worker.connection.commit()
    await ours
    assert await drains(database_url) == [("con_1", "doing"), ("con_1", "todo")]


async def test_a_running_drain_gets_a_successor(
    database_url: str, transactions: PostgresTransactions, worker: FetchingWorker
) -> None:
    await add_and_wake(transactions, 1)
    await worker.fetch()
    await worker.connection.commit()
    await add_and_wake(transactions, 2)
    await add_and_wake(transactions, 3)
    assert await drains(database_url) == [("con_1", "doing"), ("con_1", "todo")]
    assert await worker.fetch() is None, "one writer a connection"


@pytest.mark.parametrize("swallowed", [False, True])
async def test_a_failing_wake_up_never_ends_in_a_silent_loss(
    database_url: str, transactions: PostgresTransactions, swallowed: bool
) -> None:
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        await connection.execute("REVOKE INSERT ON procrastinate_jobs FROM jobferry_app")
    with pytest.raises(RuntimeError if swallowed else DBAPIError):
        async with transactions.begin("ten_1") as t:
            await t.sends.add(a_send(1))
            try:
                await t.connections.wake("con_1", None)
            except DBAPIError:
                if not swallowed:
                    raise
    assert await stored(transactions) == []


async def test_operators_see_who_works_and_on_what(transactions: PostgresTransactions, worker: FetchingWorker) -> None:
    await worker.connection.execute(
        "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 minute')"
    )
    await worker.connection.commit()
    await add_and_wake(transactions, 1)
    async with transactions.begin_instance() as i:
        idle = await i.workers()
    assert await worker.fetch() == "con_1"
    await worker.connection.commit()
    async with transactions.begin_instance() as i:
        busy = await i.workers()
    assert [one.in_hand for one in idle] == [(), ()]
    assert [one.in_hand for one in busy] == [("con_1",), ()]
    assert busy[0].seen_at > busy[1].seen_at
