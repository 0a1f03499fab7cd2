"""Two transactions at once: whoever changes the sends of a connection has it alone, and nobody plans on an account that
another one is planning on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.outbound.postgres.transactions import PostgresTransactions
from core.model.connections.connection import Connection, ConnectionSecrets
from core.model.planning.account import AccountEntry, EntryState
from core.model.sending.lifecycle.event import NumberClaim
from core.model.sending.send import Send, Step
from core.model.shared.errors import LeaseLost, NotFound, SendChanged
from core.model.shared.secret import Secret
from ports.storage.completions import CompletionNews, JobChange
from ports.storage.send_changes import FactsQuery, NumberTaken
from ports.storage.transactions import TenantTransaction
from tests.support.storage_scene import (
    NOW,
    a_connection,
    a_line,
    a_send,
    begin_line,
    furnish,
    stored,
    until_somebody_waits,
)

PATIENCE = 30
ACCOUNT = b"account"
LATER = NOW + timedelta(minutes=1)
Work = Callable[[TenantTransaction], Coroutine[Any, Any, Any]]


@pytest.fixture
async def transactions(engine: AsyncEngine) -> PostgresTransactions:
    """ten_1 has con_1 with snd_1 and snd_2, and con_3; ten_2 has con_2."""
    transactions = await furnish(engine)
    async with transactions.begin("ten_1") as t:
        await t.connections.add(a_connection(3, tenant=1), ConnectionSecrets(Secret("another")))
        await t.sends.add(a_send(1))
        await t.sends.add(a_send(2))
    return transactions


async def in_turn(
    database_url: str, transactions: PostgresTransactions, first: Work, second: Work, *, tenant: str = "ten_1"
) -> Any:
    """`second` starts after `first` has worked and before it commits, and has to wait for it. What `second` made."""

    async def act() -> Any:
        async with transactions.begin(tenant) as t:
            return await second(t)

    async with asyncio.timeout(PATIENCE):
        async with transactions.begin("ten_1") as t:
            await first(t)
            waiting = asyncio.create_task(act())
            blocked = asyncio.create_task(until_somebody_waits(database_url))
            await asyncio.wait({waiting, blocked}, return_when=asyncio.FIRST_COMPLETED)
            blocked.cancel()
            assert not waiting.done(), "the second did not wait for the first"
        return await waiting


async def beside(transactions: PostgresTransactions, first: Work, second: Work, *, tenant: str = "ten_1") -> Any:
    """`second` comes to its end while `first` has worked and not committed. What `second` made."""
    async with asyncio.timeout(PATIENCE), transactions.begin("ten_1") as t:
        await first(t)
        async with transactions.begin(tenant) as other:
            return await second(other)


async def do(transactions: PostgresTransactions, *works: Work) -> None:
    for work in works:
        async with transactions.begin("ten_1") as t:
            await work(t)


def lock(connection_id: str = "con_1", epoch: int | None = None) -> Work:
    """What a worker with this lease does first, or a person without one. It makes the connection."""

    async def worker(t: TenantTransaction) -> Connection:
        query = FactsQuery(send_id="snd_1", job_id="1", connection_id=connection_id, epoch=epoch)
        return (await t.changes.facts(query)).connection

    async def person(t: TenantTransaction) -> Connection:
        return await t.connections.lock(connection_id)

    return person if epoch is None else worker


async def raise_epoch(t: TenantTransaction) -> int:
    await t.connections.raise_epoch("con_1")
    return (await t.changes.next_due("con_1", tuple(Step))).epoch


def save(number: int = 1, **changes: Any) -> Work:
    return lambda t: t.ledger.save([a_line(number, **changes)])


def begin(attempt: str) -> Work:
    return lambda t: begin_line(t, attempt_id=attempt)


def look(connection_id: str, account: bytes = ACCOUNT, *, locked: bool = True) -> Work:
    return lambda t: t.ledger.entries_of_others([account], connection_id, lock=locked)


@pytest.mark.parametrize("epochs", [(None, None), (0, None), (None, 0), (0, 0)])
async def test_whoever_changes_a_connections_sends_has_it_alone(
    database_url: str, transactions: PostgresTransactions, epochs: tuple[int | None, int | None]
) -> None:
    first, second = epochs
    locked = await in_turn(database_url, transactions, lock(epoch=first), lock(epoch=second))
    assert locked.id == "con_1"


async def test_the_second_sees_what_the_first_has_stored(database_url: str, transactions: PostgresTransactions) -> None:
    """A plan that was made beside another one's finds the work order held."""

    async def plan(t: TenantTransaction) -> None:
        await lock()(t)
        await save(send_id="snd_2")(t)

    async def held(t: TenantTransaction) -> str | None:
        await lock()(t)
        return await t.ledger.holder("con_1", "T1", beside="snd_1")

    assert await in_turn(database_url, transactions, plan, held) == "snd_2"


async def test_a_worker_that_waited_while_another_took_over_has_lost_its_lease(
    database_url: str, transactions: PostgresTransactions
) -> None:
    with pytest.raises(LeaseLost):
        await in_turn(database_url, transactions, raise_epoch, lock(epoch=0))
    assert (await in_turn(database_url, transactions, lock(epoch=1), lock(epoch=1))).id == "con_1"


async def test_nobody_takes_over_while_a_worker_stores_what_it_learned(
    database_url: str, transactions: PostgresTransactions
) -> None:
    async def take(_: TenantTransaction) -> int:
        return (await transactions.take("ten_1", "con_1", tuple(Step))).epoch

    assert await in_turn(database_url, transactions, lock(epoch=0), raise_epoch) == 1
    assert await in_turn(database_url, transactions, lock(epoch=1), take) == 2


async def test_whoever_waited_for_a_connection_that_was_removed_finds_it_gone(
    database_url: str, transactions: PostgresTransactions
) -> None:
    with pytest.raises(NotFound):
        await in_turn(database_url, transactions, lambda t: t.connections.remove("con_1"), lock())


@pytest.mark.parametrize(
    "other",
    [
        lambda t: t.sends.add(a_send(9)),
        lambda t: t.sends.get("snd_1"),
        lambda t: t.connections.get("con_1"),
        lock("con_3"),
    ],
    ids=["a new send", "reading a send", "reading the connection", "another connection"],
)
@pytest.mark.parametrize("epoch", [0, None], ids=["of a worker", "of a person"])
async def test_a_locked_connection_stands_in_nobody_elses_way(
    transactions: PostgresTransactions, other: Work, epoch: int | None
) -> None:
    """Whoever presses Send does not wait for a worker."""
    assert await beside(transactions, lock(epoch=epoch), other) is not None


async def test_of_two_lines_for_one_place_the_second_waits_and_is_refused(
    database_url: str, transactions: PostgresTransactions
) -> None:
    with pytest.raises(SendChanged):
        await in_turn(database_url, transactions, save(1), save(9, item_id="1", send_id="snd_2"))


async def test_a_refused_line_takes_all_that_was_stored_beside_it_along(transactions: PostgresTransactions) -> None:
    """Who goes on after SendChanged stores neither what came before nor what comes after, and is told."""
    await do(transactions, save(1))
    with pytest.raises(RuntimeError, match="so it cannot be stored"):
        async with transactions.begin("ten_1") as t:
            await t.sends.add(a_send(7))
            with pytest.raises(SendChanged):
                await t.ledger.save([a_line(8), a_line(9, item_id="1")])
            with pytest.raises(DBAPIError):
                await t.sends.add(a_send(8))
    async with transactions.begin("ten_1") as t:
        assert [send.id for send in await t.sends.page()] == ["snd_2", "snd_1"]
        assert [line.id for line in await t.ledger.on_account("con_1", "1", "T1")] == ["lin_1"]


async def test_of_two_intents_for_one_line_one_is_stored(database_url: str, transactions: PostgresTransactions) -> None:
    await do(transactions, save())
    with pytest.raises(SendChanged, match="must not be posted"):
        await in_turn(database_url, transactions, begin("att_1"), begin("att_2"))
    async with transactions.begin("ten_1") as t:
        assert (await t.ledger.get("lin_1")).attempt_id == "att_1"


async def test_of_many_intents_at_once_one_is_stored(transactions: PostgresTransactions) -> None:
    await do(transactions, save())
    works = [do(transactions, begin(f"att_{number}")) for number in range(8)]
    ended = await asyncio.gather(*works, return_exceptions=True)
    refused = [one for one in ended if one is not None]
    assert [type(one) for one in refused] == [SendChanged] * 7
    assert all("must not be posted" in str(one) for one in refused)


async def test_a_line_that_is_just_being_sent_is_not_given_back(
    database_url: str, transactions: PostgresTransactions
) -> None:
    await do(transactions, save())
    assert await in_turn(database_url, transactions, begin("att_1"), lambda t: t.ledger.give_back("snd_1")) == []


async def test_no_intent_for_a_line_that_is_just_given_back(
    database_url: str, transactions: PostgresTransactions
) -> None:
    await do(transactions, save())
    with pytest.raises(SendChanged, match="must not be posted"):
        await in_turn(database_url, transactions, lambda t: t.ledger.give_back("snd_1"), begin("att_1"))


@pytest.mark.parametrize(("tenant", "connection_id"), [("ten_1", "con_3"), ("ten_2", "con_2")])
async def test_whoever_looks_at_an_account_to_plan_waits_and_then_sees_the_plan_before_it(
    database_url: str, transactions: PostgresTransactions, tenant: str, connection_id: str
) -> None:
    async def plan(t: TenantTransaction) -> None:
        assert await t.ledger.entries_of_others([ACCOUNT], "con_1", lock=True) == []
        await t.ledger.enter(ACCOUNT, "con_1", {"lin_1": (b"item", EntryState.OPEN)})

    seen = await in_turn(database_url, transactions, plan, look(connection_id), tenant=tenant)
    assert seen == [AccountEntry(ACCOUNT, b"item", EntryState.OPEN)]


@pytest.mark.parametrize("other", [look("con_2", locked=False), look("con_2", b"another account")])
async def test_looking_only_or_elsewhere_waits_for_nobody(transactions: PostgresTransactions, other: Work) -> None:
    assert await beside(transactions, look("con_1"), other, tenant="ten_2") == []


async def test_of_two_owners_who_claim_one_number_the_second_waits_and_is_told(
    database_url: str, transactions: PostgresTransactions
) -> None:
    def claim(send: Send, owner: bytes) -> Work:
        return lambda t: stored(t, send, take=NumberClaim((b"number",), owner))

    async with transactions.begin("ten_2") as t:
        theirs = await t.sends.add(a_send(3, tenant_id="ten_2", connection_id="con_2"))
    async with transactions.begin("ten_1") as t:
        mine = await t.sends.get("snd_1")
    with pytest.raises(NumberTaken):
        await in_turn(database_url, transactions, claim(mine, b"mine"), claim(theirs, b"theirs"), tenant="ten_2")


@pytest.mark.parametrize("moment", [NOW, None])
async def test_twins_of_one_completion_wait_for_each_other_and_one_acts(
    database_url: str, transactions: PostgresTransactions, moment: datetime | None
) -> None:
    def record(t: TenantTransaction) -> Coroutine[Any, Any, CompletionNews]:
        return t.completions.record("con_1", "1", moment)

    assert await in_turn(database_url, transactions, record, record) is CompletionNews.KNOWN


@pytest.mark.parametrize("second", [NOW, LATER])
async def test_one_of_twins_acts_after_a_reopening(
    database_url: str, transactions: PostgresTransactions, second: datetime
) -> None:
    """Also where one of them read the job before, the other after its date was corrected."""

    def record(moment: datetime) -> Work:
        return lambda t: t.completions.record("con_1", "1", moment)

    async with transactions.begin("ten_1") as t:
        await t.completions.record("con_1", "1", NOW)
        await t.completions.reopened("1", await t.completions.of_job("1"))
    told = await in_turn(database_url, transactions, record(NOW), record(second))
    assert told is (CompletionNews.KNOWN if second == NOW else CompletionNews.NEW), "never a second set"


async def test_a_completion_whose_recorder_failed_is_the_next_ones(
    database_url: str, transactions: PostgresTransactions
) -> None:
    async def record() -> CompletionNews:
        async with transactions.begin("ten_1") as t:
            return await t.completions.record("con_1", "1", NOW)

    async with asyncio.timeout(PATIENCE):
        with pytest.raises(ZeroDivisionError):
            async with transactions.begin("ten_1") as t:
                assert await t.completions.record("con_1", "1", NOW)
                second = asyncio.create_task(record())
                await until_somebody_waits(database_url)
                raise ZeroDivisionError
        assert await second is CompletionNews.NEW


async def test_hearing_of_a_job_while_its_hint_ends_is_never_lost(
    database_url: str, transactions: PostgresTransactions
) -> None:
    """Whichever of the two comes first, the hint is there afterwards."""

    async def hear(t: TenantTransaction) -> None:
        await t.completions.add_change("7", NOW)

    async def end(seen: JobChange, t: TenantTransaction) -> None:
        await t.completions.checked(seen)

    for before in (True, False):
        await do(transactions, hear)
        async with transactions.begin("ten_1") as t:
            seen = await t.completions.next_change(NOW)
        assert seen
        works = (hear, partial(end, seen)) if before else (partial(end, seen), hear)
        await in_turn(database_url, transactions, *works)
        async with transactions.begin("ten_1") as t:
            left = await t.completions.next_change(NOW)
            assert left == JobChange("7", 2 if before else 1)
            assert left
            await t.completions.checked(left)
