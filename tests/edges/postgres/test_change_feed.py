"""The change feed on a real PostgreSQL: one connection for everybody, kept up whatever happens to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.testing import capture_logs

from adapters.outbound.postgres.change_feed import CHANNEL, PostgresChangeFeed
from adapters.outbound.postgres.server.role import CHANGE_FEED
from adapters.outbound.postgres.transactions import PostgresTransactions
from core.model.sending.send import SendState
from core.services.sending.read_sends import WaitForSend
from ports.change_feed import Subscription, send_topic
from tests.support.dependencies import over
from tests.support.storage_scene import a_send, furnish, stored

SOON = 20.0
LISTENERS = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = %s"


@pytest.fixture
async def transactions(engine: AsyncEngine) -> PostgresTransactions:
    transactions = await furnish(engine)
    async with transactions.begin("ten_1") as t:
        await t.sends.add(a_send())
    return transactions


@pytest.fixture
async def feed(database_url: str) -> AsyncIterator[PostgresChangeFeed]:
    async with PostgresChangeFeed(database_url) as feed:
        yield feed


async def until(condition: Callable[[], bool], changes: Subscription) -> None:
    async with asyncio.timeout(SOON):
        while not condition():
            await changes.next(SOON)


def listeners(database_url: str) -> list[int]:
    with psycopg.connect(database_url) as connection:
        return [pid for (pid,) in connection.execute(LISTENERS, (CHANGE_FEED,)).fetchall()]


async def change(transactions: PostgresTransactions) -> None:
    async with transactions.begin("ten_1") as t:
        send = await t.sends.get("snd_1")
        await stored(t, replace(send, state=SendState.SENDING))


async def test_there_is_no_connection_until_somebody_waits_and_then_one(
    feed: PostgresChangeFeed, database_url: str
) -> None:
    assert listeners(database_url) == []
    waiting = [feed.subscribe(send_topic(f"snd_{number}")) for number in range(500)]
    await until(lambda: feed.listening, waiting[0])
    assert len(listeners(database_url)) == 1


async def test_a_lost_connection_wakes_everybody_and_comes_back(
    transactions: PostgresTransactions, feed: PostgresChangeFeed, database_url: str
) -> None:
    async with transactions.begin("ten_1") as t:
        await t.sends.watch("snd_1", 60)
    with feed.subscribe(send_topic("snd_1")) as changes:
        await until(lambda: feed.listening, changes)
        [first] = listeners(database_url)
        with psycopg.connect(database_url) as connection:
            connection.execute("SELECT pg_terminate_backend(%s)", (first,))
        await until(lambda: not feed.listening, changes)
        await change(transactions)  # nobody hears this
        missed = changes.count
        await until(lambda: feed.listening, changes)
        assert changes.count > missed, "it may have been missed, so everybody looks again"
        [second] = listeners(database_url)
        assert second != first
        heard = changes.count
        await change(transactions)
        await until(lambda: changes.count > heard, changes)


async def test_who_waits_looks_for_themselves_while_nothing_is_heard(
    transactions: PostgresTransactions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.outbound.subscriptions._LOOK_SECONDS", 0.05)
    async with PostgresChangeFeed("postgresql://nobody@127.0.0.1:1/nothing") as deaf:
        waiting = asyncio.create_task(
            WaitForSend(replace(over(transactions), change_feed=deaf))("ten_1", "snd_1", SOON)
        )
        await asyncio.sleep(0.2)
        assert not waiting.done()
        async with transactions.begin("ten_1") as t:
            await stored(t, replace(await t.sends.get("snd_1"), state=SendState.CANCELLED, due_at=None))
        assert (await asyncio.wait_for(waiting, SOON / 2)).state is SendState.CANCELLED


async def test_nothing_is_told_of_a_send_that_nobody_watches(
    transactions: PostgresTransactions, database_url: str
) -> None:
    """Because transactions that tell commit one after the other."""
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        await connection.execute(f"LISTEN {CHANNEL}")
        await change(transactions)
        await connection.execute(f"NOTIFY {CHANNEL}, 'the next'")
        assert [one.payload async for one in connection.notifies(timeout=SOON, stop_after=1)] == ["the next"]


async def test_a_change_under_way_when_the_watch_begins_is_seen_or_told(
    transactions: PostgresTransactions, feed: PostgresChangeFeed
) -> None:
    with feed.subscribe(send_topic("snd_1")) as changes:
        await until(lambda: feed.listening, changes)
        async with transactions.begin("ten_1") as t:
            await stored(t, replace(await t.sends.get("snd_1"), state=SendState.SENDING))
            seen = asyncio.create_task(watch_and_look(transactions))
            await asyncio.wait({seen}, timeout=0.2)
            assert not seen.done(), "it waits for the change"
        assert await seen is SendState.SENDING


async def watch_and_look(transactions: PostgresTransactions) -> SendState:
    async with transactions.begin("ten_1") as t:
        await t.sends.watch("snd_1", 60)
        return (await t.sends.get("snd_1")).state


async def test_a_connection_on_which_nothing_is_passed_on_does_not_count(
    transactions: PostgresTransactions, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with a pooler that gives every transaction another session: LISTEN succeeds there and is of no use."""
    monkeypatch.setattr("adapters.outbound.postgres.change_feed._HEARD_WITHIN", 0.2)
    execute: Any = psycopg.AsyncConnection.execute

    async def unlisten(self: object, query: str, *given: object) -> Any:
        return await execute(self, "SELECT 1" if query.startswith("LISTEN") else query, *given)

    monkeypatch.setattr(psycopg.AsyncConnection, "execute", unlisten)
    async with PostgresChangeFeed(database_url) as feed:
        with feed.subscribe(send_topic("snd_1")) as changes:
            with capture_logs() as lines:
                async with asyncio.timeout(SOON):
                    while not lines:
                        assert await changes.next(0.05), "everybody looks for themselves"
            assert not feed.listening
        assert lines[0]["event"] == "changes.not_heard"
