"""Due work belongs to the transaction of its cause: admitted when the rows are there, never lost, never its loss."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.outbound.postgres.due_work import PostgresDueWork
from adapters.outbound.postgres.transactions import PostgresTransactions
from core.model.sending.new_send import NewSend
from core.model.sending.send import Step
from core.model.shared.errors import NotFound
from ports.storage.due_work import DUE_CHANNEL, Admission, DueSubject, Slots, WorkKind
from ports.storage.send_changes import StoredChange
from ports.storage.send_requests import RequestedSends
from tests.support.due_scene import add_tenants, make_due
from tests.support.storage_scene import a_send, due, furnish, queued, rests, until_somebody_waits

EVERY_STEP = tuple(Step)
MANY = Slots(100, 100)
LATE = NewSend(id="snd_late", job_id="99", requested_by="ann")
CON_1 = DueSubject(WorkKind.DRAIN, "ten_1", "con_1")


@pytest.fixture
async def transactions(engine: AsyncEngine) -> PostgresTransactions:
    return await furnish(engine)


async def admit(engine: AsyncEngine, slots: Slots = MANY, *, worker: int | None = None) -> Admission:
    return await PostgresDueWork(engine).admit(list(WorkKind), slots, worker_id=worker, stalled=12)


async def add_and_wake(transactions: PostgresTransactions, number: int) -> None:
    async with transactions.begin("ten_1") as t:
        await t.sends.add(a_send(number))
        await t.connections.wake("con_1", None)


async def end(transactions: PostgresTransactions) -> None:
    """As a drain does before it ends: lock, look, and store when it is due next."""
    async with transactions.resting("ten_1", "con_1", EVERY_STEP) as (changes, _):
        await changes.rest("con_1", EVERY_STEP)


async def stored(transactions: PostgresTransactions) -> list[str]:
    async with transactions.begin("ten_1") as t:
        return sorted(send.id for send in await t.sends.page())


@asynccontextmanager
async def notified(url: str) -> AsyncIterator[list[str]]:
    """Every notification of due work until the end of the block."""
    heard: list[str] = []
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute(f"LISTEN {DUE_CHANNEL}")
        yield heard
        await connection.execute("SELECT pg_notify(%s, 'end')", (DUE_CHANNEL,))
        async for one in connection.notifies():
            if one.payload == "end":
                return
            heard.append(one.payload)


async def test_many_wake_ups_all_commit_and_share_one_job(
    database_url: str, engine: AsyncEngine, transactions: PostgresTransactions
) -> None:
    await asyncio.gather(*(add_and_wake(transactions, number) for number in range(8)))
    assert await stored(transactions) == [f"snd_{number}" for number in range(8)]
    await asyncio.gather(*(admit(engine) for _ in range(8)))
    assert await queued(database_url) == [("con_1", "todo")]


async def test_work_is_admitted_with_the_commit_of_its_cause_and_not_before(
    database_url: str, engine: AsyncEngine, transactions: PostgresTransactions
) -> None:
    async with transactions.begin("ten_1") as t:
        await t.connections.wake("con_1", None)
        await admit(engine)  # does not wait for us either
        assert await queued(database_url) == []
    await admit(engine)
    assert await queued(database_url) == [("con_1", "todo")]


async def test_a_wake_up_rolls_back_with_its_rows(
    database_url: str, engine: AsyncEngine, transactions: PostgresTransactions
) -> None:
    async with notified(database_url) as heard:
        with pytest.raises(ZeroDivisionError):
            async with transactions.begin("ten_1") as t:
                await t.connections.wake("con_1", None)
                raise ZeroDivisionError
    await admit(engine)
    assert await queued(database_url) == []
    assert heard == []


async def test_only_what_becomes_due_wakes_the_workers(
    database_url: str, engine: AsyncEngine, transactions: PostgresTransactions
) -> None:
    async with transactions.begin("ten_1") as t:
        tomorrow = await t.now() + timedelta(days=1)
    async with notified(database_url) as heard:
        async with transactions.begin("ten_1") as t:
            await t.connections.wake("con_1", tomorrow)
        assert await due(database_url) == []
        for number in range(3):
            await add_and_wake(transactions, number)
    assert len(heard) == 1, "it was due already"
    async with notified(database_url) as heard:
        await PostgresDueWork(engine).put_back(CON_1)
        await rests(transactions, "con_1")
    assert heard == []


async def test_a_wake_up_beside_the_end_of_the_work_is_not_lost(
    database_url: str, transactions: PostgresTransactions
) -> None:
    """Whoever locks the row second sees what the first one stored."""
    async with transactions.begin("ten_1") as t:
        await t.sends.add(a_send(1))
        await t.connections.wake("con_1", None)
        ending = asyncio.create_task(end(transactions))
        await until_somebody_waits(database_url)
    await ending
    assert await due(database_url) == ["con_1"], "the end saw the send"
    async with transactions.resting("ten_1", "con_1", ()) as (changes, _):
        waking = asyncio.create_task(add_and_wake(transactions, 2))
        await until_somebody_waits(database_url)
        await changes.rest("con_1", ())
    await waking
    assert await due(database_url) == ["con_1"]


@asynccontextmanager
async def requested(transactions: PostgresTransactions, number: int) -> AsyncIterator[None]:
    """A send is requested, and the transaction commits at the end of the block."""
    new = NewSend(id=f"snd_{number}", job_id=str(number), requested_by="ann")
    async with transactions.begin("ten_1") as t:
        await t.requests.store(RequestedSends(slug="main-1", sends=[new]))
        yield


async def test_requests_do_not_wait_for_each_other_once_the_work_is_due(
    database_url: str, transactions: PostgresTransactions
) -> None:
    async with requested(transactions, 1):
        pass
    async with notified(database_url) as heard, requested(transactions, 2):
        async with asyncio.timeout(5), requested(transactions, 3):
            pass  # commits before the one that began earlier
        assert await stored(transactions) == ["snd_1", "snd_3"]
    assert heard == []
    assert await due(database_url) == ["con_1"]


async def test_a_request_beside_the_end_of_the_work_is_not_lost(
    database_url: str, transactions: PostgresTransactions
) -> None:
    """The end waits for requests that left the row as it was, and a request waits for the end."""
    async with requested(transactions, 1):
        pass
    async with transactions.begin("ten_1") as t:
        await t.changes.store(StoredChange(send=replace(await t.sends.get("snd_1"), due_at=None)))
    async with requested(transactions, 2):
        ending = asyncio.create_task(end(transactions))
        await until_somebody_waits(database_url)
    await ending
    assert await due(database_url) == ["con_1"], "the end saw the send"
    async with transactions.resting("ten_1", "con_1", ()) as (changes, _):
        waking = asyncio.create_task(transactions.request("ten_1", RequestedSends(slug="main-1", sends=[LATE])))
        await until_somebody_waits(database_url)
        await changes.rest("con_1", ())
    await waking
    assert await due(database_url) == ["con_1"]


async def test_a_running_subject_is_not_admitted_again(
    database_url: str, engine: AsyncEngine, transactions: PostgresTransactions
) -> None:
    await add_and_wake(transactions, 1)
    await admit(engine)
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        await connection.execute("UPDATE procrastinate_jobs SET status = 'doing'")
    await add_and_wake(transactions, 2)
    assert await admit(engine) == Admission()
    assert await queued(database_url) == [("con_1", "doing")]


@pytest.mark.parametrize("swallowed", [False, True])
async def test_a_failing_wake_up_never_ends_in_a_silent_loss(
    database_url: str, transactions: PostgresTransactions, swallowed: bool
) -> None:
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        await connection.execute("REVOKE UPDATE ON due_work FROM jobferry_app")
    with pytest.raises(RuntimeError if swallowed else DBAPIError):
        async with transactions.begin("ten_1") as t:
            await t.sends.add(a_send(1))
            try:
                await t.connections.wake("con_1", None)
            except DBAPIError:
                if not swallowed:
                    raise
    assert await stored(transactions) == []


async def test_admission_fills_free_slots_only_and_says_who_waits(engine: AsyncEngine, database_url: str) -> None:
    await add_tenants(engine, 3)
    for number in (1, 2, 3):
        await make_due(database_url, f"ten_{number}", *(f"{number}_{place}" for place in range(5)))
    assert (await admit(engine, Slots(0, 2))).slots_short
    assert await queued(database_url) == []
    assert (await admit(engine, Slots(4, 2))).slots_short
    assert [subject for subject, _ in await queued(database_url)] == ["1_0", "2_0", "3_0", "1_1"]
    assert (await admit(engine, Slots(4, 2))).slots_short
    assert len(await queued(database_url)) == 4, "what is queued has its slot already"
    assert await admit(engine, Slots(20, 2)) == Admission(at_share=frozenset({"ten_1", "ten_2", "ten_3"}))
    assert [subject for subject, _ in await queued(database_url)][4:] == ["2_1", "3_1"]
    assert await admit(engine, Slots(20, 5)) == Admission()
    assert len(await queued(database_url)) == 15


async def test_only_the_tenant_whose_own_work_waits_gives_way(engine: AsyncEngine, database_url: str) -> None:
    await add_tenants(engine, 2)
    await make_due(database_url, "ten_1", *(f"1_{place}" for place in range(5)))
    await make_due(database_url, "ten_2", "2_0")
    found = await admit(engine, Slots(6, 2))
    assert (found.gives_way("ten_1"), found.gives_way("ten_2")) == (True, False), "three slots are free"
    await make_due(database_url, "ten_2", "2_1")
    found = await admit(engine, Slots(3, 2))
    assert (found.gives_way("ten_1"), found.gives_way("ten_2")) == (True, True), "ten_2 is below its share"


async def test_the_tenant_whose_turn_is_longest_ago_comes_first(engine: AsyncEngine, database_url: str) -> None:
    await add_tenants(engine, 3)
    for number in (1, 2, 3):
        await make_due(database_url, f"ten_{number}", *(f"{number}_{place}" for place in range(5)))
    order = []
    for _ in range(9):
        await admit(engine, Slots(1, 1))
        [(subject, _)] = await queued(database_url)
        order.append(subject)
        async with await psycopg.AsyncConnection.connect(database_url) as connection:
            await connection.execute("DELETE FROM procrastinate_jobs")
            await connection.execute("UPDATE due_work SET due_at = NULL WHERE subject = %s", (subject,))
    assert order == ["1_0", "2_0", "3_0", "1_1", "2_1", "3_1", "1_2", "2_2", "3_2"]


async def test_who_is_put_back_goes_on_after_those_who_wait(engine: AsyncEngine, database_url: str) -> None:
    await add_tenants(engine, 1)
    await make_due(database_url, "ten_1", "a", "b")
    await PostgresDueWork(engine).put_back(DueSubject(WorkKind.DRAIN, "ten_1", "a"))
    assert await due(database_url) == ["b", "a"]


async def test_each_failure_in_a_row_is_followed_by_a_longer_pause(
    engine: AsyncEngine, database_url: str, transactions: PostgresTransactions
) -> None:
    work, pauses = PostgresDueWork(engine), []

    async def pause() -> int:
        await work.postpone(CON_1)
        async with await psycopg.AsyncConnection.connect(database_url) as connection:
            asked = "SELECT round(extract(epoch FROM due_at - now())) FROM due_work WHERE (kind, subject) = (%s, %s)"
            row = await (await connection.execute(asked, (CON_1.kind, CON_1.subject))).fetchone()
        assert row
        return int(row[0])

    for _ in range(9):
        pauses.append(await pause())
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    await end(transactions)
    assert await pause() == 1, "it had ended well"


async def test_the_next_moment_is_told(engine: AsyncEngine, transactions: PostgresTransactions) -> None:
    async with transactions.begin("ten_1") as t:
        later = await t.now() + timedelta(seconds=30)
    await rests(transactions, "con_1", later)
    found = await admit(engine)
    assert found.next_in is not None
    assert 20 < found.next_in <= 30


async def test_a_subject_that_was_removed_is_not_made_due_again(
    database_url: str, engine: AsyncEngine, transactions: PostgresTransactions
) -> None:
    await add_and_wake(transactions, 1)
    async with transactions.begin("ten_1") as t:
        await t.client_secrets.set_due("con_1", await t.now())
        await t.connections.remove("con_1")
    with pytest.raises(NotFound):
        async with transactions.begin("ten_1") as t:
            await t.connections.wake("con_1", None)
    await PostgresDueWork(engine).postpone(CON_1)
    await admit(engine)
    assert await queued(database_url) == []


async def test_operators_see_who_works_and_on_what(
    database_url: str, engine: AsyncEngine, transactions: PostgresTransactions
) -> None:
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        await connection.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now()), (now() - interval '1 minute')"
        )
    await add_and_wake(transactions, 1)
    await admit(engine)
    async with transactions.begin_instance() as i:
        idle = await i.workers()
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        await connection.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT min(id) FROM procrastinate_workers)"
        )
    async with transactions.begin_instance() as i:
        busy = await i.workers()
    assert [one.in_hand for one in idle] == [(), ()]
    assert [one.in_hand for one in busy] == [("con_1",), ()]
    assert busy[0].seen_at > busy[1].seen_at


async def test_a_worker_that_freezes_while_it_looks_does_not_stop_the_others(
    database_url: str, engine: AsyncEngine, transactions: PostgresTransactions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its session may live on for a minute, and longer if its network is gone."""
    await add_and_wake(transactions, 1)
    commit, frozen, woken = psycopg.AsyncConnection.commit, asyncio.Event(), asyncio.Event()

    async def freeze(self: psycopg.AsyncConnection) -> None:
        if not frozen.is_set():
            frozen.set()
            await woken.wait()
        await commit(self)

    monkeypatch.setattr(psycopg.AsyncConnection, "commit", freeze)
    looking = asyncio.create_task(admit(engine))
    await asyncio.wait({looking, asyncio.create_task(frozen.wait())}, return_when=asyncio.FIRST_COMPLETED)
    frozen.set()
    await asyncio.wait_for(admit(engine), 5)
    woken.set()
    await looking
    assert await queued(database_url) == [("con_1", "todo")]
