"""The worker's second loop: every due tenant is followed, by one worker at a time, whatever befalls the followers."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.bootstrap.runtime import work_on
from adapters.inbound.worker import due_work
from adapters.inbound.worker.due_work import TENANTS_AT_ONCE
from adapters.outbound.postgres.due_work import TENANT_LEASE, PostgresDueWork
from adapters.outbound.postgres.transactions import PostgresTransactions
from core.model.shared.secret import Secret
from core.model.tenants.tenant import PasswordLogin, Tenant
from ports.storage.completions import PollState
from tests.support.running_worker import PATIENCE, no_drain, working
from tests.support.storage_scene import NOW, furnish

LONG_AGO = NOW - timedelta(days=3650)

FOLLOWING_WORKER = """
import asyncio, sys
from adapters.bootstrap.runtime import work_on

async def drain(connection_id):
    return False

async def follow(tenant_id):
    print(tenant_id, flush=True)
    await asyncio.Event().wait()

asyncio.run(work_on(sys.argv[1], drain, sync_completions=follow))
"""


class Followed:
    """A follow that notes who was followed, and lets tests wait for it."""

    def __init__(self) -> None:
        self.order: list[str] = []
        self._changed = asyncio.Condition()

    async def __call__(self, tenant_id: str) -> None:
        async with self._changed:
            self.order.append(tenant_id)
            self._changed.notify_all()

    async def times(self, tenant_id: str, count: int = 1) -> None:
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(lambda: Counter(self.order)[tenant_id] >= count)


@pytest.fixture
async def transactions(engine: AsyncEngine) -> PostgresTransactions:
    return await furnish(engine)


@pytest.fixture(autouse=True)
def quick_poll(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(due_work, "POLL_SECONDS", 0.05)


async def claim_tenants(engine: AsyncEngine, most: int, lease: float = TENANT_LEASE) -> list[str]:
    return [tenant for (tenant,) in await PostgresDueWork(engine).claim_tenants(most, lease=lease)]


async def set_due(transactions: PostgresTransactions, *numbers: int) -> None:
    for number in numbers:
        async with transactions.begin(f"ten_{number}") as t:
            await t.completions.set_due(LONG_AGO, only_earlier=False)


async def end_leases(database_url: str) -> None:
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        await connection.execute("UPDATE tenant_watch SET due_at = now() - interval '1 second'")


async def due_at(database_url: str, tenant_id: str) -> str:
    """When a tenant is due: never, now or later."""
    query = "SELECT CASE WHEN due_at IS NULL THEN 'never' WHEN due_at <= now() THEN 'now' ELSE 'later' END"
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        found = await connection.execute(f"{query} FROM tenant_watch WHERE tenant_id = %s".encode(), (tenant_id,))
        row = await found.fetchone()
    return str(row[0]) if row else "never"


async def test_a_due_tenant_is_followed_once_by_two_workers_and_others_are_left_alone(
    database_url: str, transactions: PostgresTransactions
) -> None:
    followed = Followed()
    async with working(database_url, sync_completions=followed), working(database_url, sync_completions=followed):
        await set_due(transactions, 1)
        await followed.times("ten_1")
        await set_due(transactions, 2)  # by the time this one is followed, both workers have looked again
        await followed.times("ten_2")
    assert followed.order == ["ten_1", "ten_2"]


async def test_many_claimers_at_once_share_the_due_tenants(
    database_url: str, engine: AsyncEngine, transactions: PostgresTransactions
) -> None:
    await _more_tenants(transactions, upto=12)
    await set_due(transactions, *range(1, 13))
    shares = await asyncio.gather(*(claim_tenants(engine, 4) for _ in range(6)))
    assert max(len(share) for share in shares) <= 4
    taken = [one for share in shares for one in share]
    assert len(taken) == len(set(taken)), "each goes to one of them"
    while share := await claim_tenants(engine, 4):
        taken += share
    assert sorted(taken) == sorted(f"ten_{number}" for number in range(1, 13))


async def test_a_claim_takes_the_longest_due_first_and_no_more_than_asked(
    database_url: str, engine: AsyncEngine, transactions: PostgresTransactions
) -> None:
    """Also under a plan that runs an inner query once a row, which PostgreSQL is free to choose."""
    await _more_tenants(transactions, upto=6)
    for number in range(1, 7):
        async with transactions.begin(f"ten_{number}") as t:
            await t.completions.set_due(LONG_AGO + timedelta(days=number), only_earlier=False)
    assert await claim_tenants(engine, 0) == []
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        for kind in ("hashjoin", "mergejoin", "hashagg", "sort", "material"):
            await connection.execute(f"SET enable_{kind} = off".encode())
        found = await connection.execute("SELECT claim_due_tenants(interval '1 minute', 2)")
        assert sorted(await found.fetchall()) == [("ten_1",), ("ten_2",)]
    assert sorted(await claim_tenants(engine, 2)) == ["ten_3", "ten_4"]


async def test_a_claim_does_not_wait_for_another_ones(
    database_url: str, engine: AsyncEngine, transactions: PostgresTransactions
) -> None:
    await set_due(transactions, 1, 2)
    async with await psycopg.AsyncConnection.connect(database_url) as other:
        found = await other.execute("SELECT claim_due_tenants(interval '1 minute', 1)")
        ((first,),) = await found.fetchall()
        (second,) = await claim_tenants(engine, 5)  # while the first is not committed yet
    assert sorted([first, second]) == ["ten_1", "ten_2"]


async def test_who_is_not_due_is_not_claimed(
    database_url: str, engine: AsyncEngine, transactions: PostgresTransactions
) -> None:
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        await connection.execute("INSERT INTO tenant_watch VALUES ('ten_1', now() + interval '1 hour', NULL)")
    async with transactions.begin("ten_2") as t:
        await t.completions.poll_succeeded(PollState(), NOW, NOW)  # a row without a moment
    assert await claim_tenants(engine, 5) == []


async def test_the_watch_moves_the_moment_as_told(database_url: str, transactions: PostgresTransactions) -> None:
    later = NOW + timedelta(days=36500)

    async def told(*words: tuple[str, bool]) -> str:
        moments = {"later": later, "now": LONG_AGO, "never": None}
        async with transactions.begin("ten_1") as t:
            for word, only_earlier in words:
                await t.completions.set_due(moments[word], only_earlier=only_earlier)
        return await due_at(database_url, "ten_1")

    assert await told(("never", True)) == "never"
    assert await told(("later", True)) == "later", "who has no work takes any moment"
    assert await told(("now", True)) == "now"
    assert await told(("later", True)) == "now", "never back"
    assert await told(("never", True)) == "now"
    assert await told(("later", False)) == "later"
    async with transactions.begin("ten_1") as t:
        await t.completions.poll_succeeded(PollState(), NOW, NOW)
    assert await due_at(database_url, "ten_1") == "later", "a poll is no reason to forget what is due"
    assert await told(("never", False)) == "never"
    assert await due_at(database_url, "ten_2") == "never"


@pytest.mark.long
async def test_a_follower_that_is_killed_is_taken_up_again_after_the_lease(
    database_url: str, engine: AsyncEngine, transactions: PostgresTransactions
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
    assert await claim_tenants(engine, 5) == [], "while the lease lasts, nobody takes it over"
    assert await due_at(database_url, "ten_1") == "later"
    followed = Followed()
    async with working(database_url, sync_completions=followed):
        await end_leases(database_url)
        await followed.times("ten_1")


async def test_the_lease_ends_by_itself(engine: AsyncEngine, transactions: PostgresTransactions) -> None:
    await set_due(transactions, 1)
    assert await claim_tenants(engine, 1, lease=0.2) == ["ten_1"]
    async with asyncio.timeout(PATIENCE):
        while not await claim_tenants(engine, 1):
            pass


async def test_an_error_is_logged_and_ends_neither_the_loop_nor_the_others(
    database_url: str, transactions: PostgresTransactions
) -> None:
    followed = Followed()

    async def follow(tenant_id: str) -> None:
        await followed(tenant_id)
        if tenant_id == "ten_1":
            raise ZeroDivisionError

    await set_due(transactions, 1)
    async with working(database_url, sync_completions=follow):
        await followed.times("ten_1")
        await set_due(transactions, 2)
        await followed.times("ten_2")
        await end_leases(database_url)
        await followed.times("ten_1", 2)


async def test_a_claim_that_fails_does_not_end_the_loop(database_url: str, transactions: PostgresTransactions) -> None:
    """As it does while the database is away: here its function is."""
    rename = "ALTER FUNCTION {}(interval, integer) RENAME TO {}"
    followed, failed = Followed(), asyncio.Event()

    claim_tenants_now = PostgresDueWork.claim_tenants

    async def taken_away(due: PostgresDueWork, most: int) -> list[tuple[str]]:
        try:
            return await claim_tenants_now(due, most)
        except Exception:
            failed.set()
            raise

    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        await connection.execute(rename.format("claim_due_tenants", "gone").encode())
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(PostgresDueWork, "claim_tenants", taken_away)
            async with working(database_url, sync_completions=followed), asyncio.timeout(PATIENCE):
                await failed.wait()
                await connection.execute(rename.format("gone", "claim_due_tenants").encode())
                await set_due(transactions, 1)
                await followed.times("ten_1")


async def test_no_more_than_a_few_tenants_are_followed_at_once(
    database_url: str, transactions: PostgresTransactions, monkeypatch: pytest.MonkeyPatch
) -> None:
    everybody = range(1, TENANTS_AT_ONCE + 3)
    await _more_tenants(transactions, upto=max(everybody))
    await set_due(transactions, *everybody)
    followed, go_on, looked_again = Followed(), asyncio.Event(), asyncio.Event()
    running, looks, most = 0, 0, 0

    claim_tenants_now = PostgresDueWork.claim_tenants

    async def claim(due: PostgresDueWork, how_many: int) -> list[tuple[str]]:
        nonlocal looks
        claimed = await claim_tenants_now(due, how_many)
        looks += running >= TENANTS_AT_ONCE and not claimed
        if looks == 2 or running > TENANTS_AT_ONCE:
            looked_again.set()
        return claimed

    async def follow(tenant_id: str) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await go_on.wait()
        running -= 1
        await followed(tenant_id)

    monkeypatch.setattr(PostgresDueWork, "claim_tenants", claim)
    async with working(database_url, sync_completions=follow):
        async with asyncio.timeout(PATIENCE):
            await looked_again.wait()
        assert most == TENANTS_AT_ONCE
        left = [number for number in everybody if await due_at(database_url, f"ten_{number}") == "now"]
        assert len(left) == 2, "they are left to other workers"
        go_on.set()
        for number in everybody:
            await followed.times(f"ten_{number}")
    assert most == TENANTS_AT_ONCE


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


async def _more_tenants(transactions: PostgresTransactions, *, upto: int) -> None:
    for number in range(3, upto + 1):
        tenant = Tenant(id=f"ten_{number}", slug=f"tenant-{number}", name="Tenant", created_at=NOW)
        async with transactions.begin_instance() as i:
            await i.tenants.add(tenant, PasswordLogin("user", Secret("x")))
