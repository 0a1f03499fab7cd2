"""Counts of days that are over are kept, and are never out of date."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.outbound.postgres.operations.counts import PostgresCounts
from adapters.outbound.postgres.transactions import PostgresTransactions
from core.model.operations.job_counts import Outcome
from core.model.sending.send import SendState
from tests.support.storage_scene import a_send, furnish, stored, until_somebody_waits


@pytest.fixture
def now() -> datetime:
    """Of each test: the tests of a run may be carried out on two days."""
    return datetime.now(UTC)


@pytest.fixture
def bounds(now: datetime) -> list[datetime]:
    """The last four days, and today."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return [today - timedelta(days=day) for day in range(4, -2, -1)]


@pytest.fixture
async def transactions(engine: AsyncEngine, now: datetime, bounds: list[datetime]) -> PostgresTransactions:
    """Three old sends: two are sent, one has failed; and one of just now."""
    made, in_the_second_day = await furnish(engine), bounds[2] - timedelta(hours=3)
    async with made.begin("ten_1") as t:
        for number, state in ((1, SendState.SENT), (2, SendState.SENT), (3, SendState.NEEDS_ATTENTION)):
            await t.sends.add(a_send(number, state=state, requested_at=in_the_second_day, due_at=None))
        await t.sends.add(a_send(4, state=SendState.SENT, requested_at=now, due_at=None))
        await t.counts.close_days(bounds)
    return made


def kept(database_url: str) -> int:
    with psycopg.connect(database_url) as connection:
        row = connection.execute("SELECT count(*) FROM closed_days").fetchone()
    assert row is not None
    return int(row[0])


async def counted(transactions: PostgresTransactions, bounds: Sequence[datetime]) -> list[dict[Outcome, int]]:
    async with transactions.begin("ten_1") as t:
        return [dict(day) for day in await t.counts.days(bounds)]


async def test_days_that_are_over_are_not_counted_again(
    transactions: PostgresTransactions, bounds: Sequence[datetime], database_url: str
) -> None:
    assert kept(database_url) in (3, 4), "yesterday is kept from two o'clock on"
    with psycopg.connect(database_url) as connection:
        connection.execute("SET session_replication_role = replica")  # no trigger: only to see what is read
        connection.execute("UPDATE sends SET state = 'sent' WHERE requested_at < now() - interval '1 day'")
    assert (await counted(transactions, bounds))[1] == {Outcome.SENT: 2, Outcome.FAILED: 1}


async def test_a_send_that_changes_is_counted_as_it_is_now(
    transactions: PostgresTransactions, bounds: Sequence[datetime]
) -> None:
    async with transactions.begin("ten_1") as t:
        await stored(t, replace(await t.sends.get("snd_3"), state=SendState.DONE_BY_HAND))
    found = await counted(transactions, bounds)
    assert found[1] == {Outcome.SENT: 3}
    assert sum(day.get(Outcome.SENT, 0) for day in found) == 4
    async with transactions.begin("ten_1") as t:
        await t.counts.close_days(bounds)
    assert await counted(transactions, bounds) == found


async def test_a_send_that_is_deleted_is_not_counted(
    transactions: PostgresTransactions, bounds: Sequence[datetime], database_url: str
) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("DELETE FROM sends WHERE id = 'snd_3'")
    assert (await counted(transactions, bounds))[1] == {Outcome.SENT: 2}


async def test_a_change_beside_the_counting_is_not_lost(
    transactions: PostgresTransactions, bounds: Sequence[datetime], database_url: str
) -> None:
    """The change is stored but not committed; whoever counts waits for it."""
    with psycopg.connect(database_url) as connection:
        connection.execute("DELETE FROM closed_days")

    async def close() -> None:
        async with transactions.begin("ten_1") as other:
            await other.counts.close_days(bounds)

    async with transactions.begin("ten_1") as t:
        await stored(t, replace(await t.sends.get("snd_3"), state=SendState.DONE_BY_HAND))
        closing = asyncio.create_task(close())
        await until_somebody_waits(database_url)
    await closing
    assert (await counted(transactions, bounds))[1] == {Outcome.SENT: 3}


async def test_what_is_kept_goes_with_the_tenant(transactions: PostgresTransactions, database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("DELETE FROM sends")
        connection.execute("DELETE FROM connections")
    async with transactions.begin_instance() as i:
        await i.tenants.remove("ten_1")
    assert kept(database_url) == 0


async def test_only_the_days_that_are_missing_are_counted(
    transactions: PostgresTransactions, bounds: Sequence[datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Changes of older sends wait while somebody counts, so a send that changes makes one day to count, not all."""
    counting, asked = PostgresCounts._counted, []

    async def noted(self: PostgresCounts, of: Sequence[datetime]) -> Sequence[Mapping[Outcome, int]]:
        asked.append(tuple(of))
        return await counting(self, of)

    monkeypatch.setattr(PostgresCounts, "_counted", noted)
    async with transactions.begin("ten_1") as t:
        await stored(t, replace(await t.sends.get("snd_3"), state=SendState.DONE_BY_HAND))
    async with transactions.begin("ten_1") as t:
        await t.counts.close_days(bounds)
    assert (bounds[1], bounds[2]) in asked
    assert all(len(of) == 2 for of in asked)
    assert len(asked) <= 2, "yesterday may be over for two hours just now"
    assert (await counted(transactions, bounds))[1] == {Outcome.SENT: 3}
