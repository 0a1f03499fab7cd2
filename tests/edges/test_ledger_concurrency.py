"""The ledger and its neighbours under two transactions at once: whoever comes second waits, and then sees the first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.outbound.postgres.transactions import PostgresTransactions
from core.model.cost_line import LedgerLine, LineState
from core.model.errors import Conflict, SendChanged
from core.model.send import SendState
from ports.completions import Hint
from ports.transactions import TenantTransaction
from tests.edges.storage_scene import NOW, a_line, a_send, furnish, until_somebody_waits

PATIENCE = 30
Work = Callable[[TenantTransaction], Coroutine[Any, Any, Any]]


@pytest.fixture
async def transactions(engine: AsyncEngine) -> PostgresTransactions:
    transactions = await furnish(engine)
    async with transactions.begin("ten_1") as t:
        await t.sends.add(a_send(1))
        await t.sends.add(a_send(2))
    return transactions


async def in_turn(database_url: str, transactions: PostgresTransactions, first: Work, second: Work) -> Any:
    """`second` starts after `first` has worked and before it commits, and has to wait for it. What `second` made."""

    async def act() -> Any:
        async with transactions.begin("ten_1") as t:
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


def plan(*lines: LedgerLine) -> Work:
    return lambda t: t.ledger.plan("con_1", "1", lines)


def begin(attempt: str, line_id: str = "lin_1") -> Work:
    return lambda t: t.ledger.begin(
        line_id, send_id="snd_1", attempt_id=attempt, epoch=1, payload_hash="hash",
        send_by=timedelta(seconds=30), quiet=timedelta(minutes=15),
    )  # fmt: skip


def answer(state: LineState, attempt: str = "att_1") -> Work:
    return lambda t: t.ledger.answer("lin_1", attempt, state)


def settle(state: LineState) -> Work:
    return lambda t: t.ledger.settle("lin_1", state, by="ann", reason="I looked", at=NOW)


async def do(transactions: PostgresTransactions, *works: Work) -> None:
    for work in works:
        async with transactions.begin("ten_1") as t:
            await work(t)


async def of_job(transactions: PostgresTransactions) -> dict[str, LedgerLine]:
    async with transactions.begin("ten_1") as t:
        return {line.id: line for line in await t.ledger.of_job("con_1", "1")}


async def test_two_planners_of_a_new_job_leave_the_second_ones_lines_only(
    database_url: str, transactions: PostgresTransactions
) -> None:
    """Nothing is stored yet that could be locked, so the job itself has to be."""
    theirs = [a_line(1), a_line(2)]
    mine = [a_line(12, item_id="2", send_id="snd_2"), a_line(13, item_id="3", send_id="snd_2")]
    await in_turn(database_url, transactions, plan(*theirs), plan(*mine))
    assert await of_job(transactions) == {"lin_2": replace(mine[0], id="lin_2"), "lin_13": mine[1]}


async def test_planners_that_name_the_items_in_opposite_order_do_not_lock_each_other_out(
    transactions: PostgresTransactions,
) -> None:
    lines = [a_line(number) for number in range(1, 31)]
    async with asyncio.timeout(PATIENCE):
        for _ in range(5):
            await asyncio.gather(do(transactions, plan(*lines)), do(transactions, plan(*reversed(lines))))
    assert len(await of_job(transactions)) == 30


async def test_planners_of_other_jobs_with_the_same_items_do_not_lock_each_other_out(
    transactions: PostgresTransactions,
) -> None:
    """Two jobs on one work order: the second planner is refused, never the victim of a deadlock."""
    lines = [a_line(number) for number in range(1, 31)]
    others = [a_line(100 + number, item_id=str(number), job_id="2") for number in range(30, 0, -1)]
    async with asyncio.timeout(PATIENCE):
        ended = await asyncio.gather(
            do(transactions, plan(*lines)),
            do(transactions, lambda t: t.ledger.plan("con_1", "2", others)),
            return_exceptions=True,
        )
    assert sorted(type(one).__name__ for one in ended) == ["NoneType", "SendChanged"]


@pytest.mark.parametrize("learned", [LineState.REJECTED, LineState.PLANNED])
async def test_a_plan_waits_for_the_answer_under_way_and_takes_over_what_it_opened(
    database_url: str, transactions: PostgresTransactions, learned: LineState
) -> None:
    await do(transactions, plan(a_line(1)), begin("att_1"))
    again = a_line(9, item_id="1", send_id="snd_2")
    await in_turn(database_url, transactions, answer(learned), plan(again))
    assert await of_job(transactions) == {"lin_1": replace(again, id="lin_1")}


@pytest.mark.parametrize(
    ("first", "stands"), [(begin("att_1"), LineState.SENDING), (answer(LineState.POSTED), LineState.POSTED)]
)
async def test_a_plan_waits_for_an_intent_or_an_answer_and_leaves_what_may_stand(
    database_url: str, transactions: PostgresTransactions, first: Work, stands: LineState
) -> None:
    await do(transactions, plan(a_line(1)))
    if stands is LineState.POSTED:
        await do(transactions, begin("att_1"))
    with pytest.raises(SendChanged):
        await in_turn(database_url, transactions, first, plan(a_line(9, item_id="1", send_id="snd_2")))
    row = (await of_job(transactions))["lin_1"]
    assert (row.state, row.send_id, row.attempt_id) == (stands, "snd_1", "att_1")


async def test_a_plan_waits_for_a_verdict_under_way(database_url: str, transactions: PostgresTransactions) -> None:
    await do(transactions, plan(a_line(1)), begin("att_1"), answer(LineState.IN_DOUBT))
    with pytest.raises(SendChanged):
        await in_turn(
            database_url, transactions, settle(LineState.POSTED), plan(a_line(9, item_id="1", send_id="snd_2"))
        )
    assert (await of_job(transactions))["lin_1"].settled_by == "ann"


@pytest.mark.parametrize("stands", [LineState.SENDING, LineState.POSTED, LineState.IN_DOUBT])
async def test_a_plan_without_a_line_that_is_just_being_sent_does_not_lose_it(
    database_url: str, transactions: PostgresTransactions, stands: LineState
) -> None:
    """Read as open and then removed, it would be posted and in nobody's books."""

    async def send(t: TenantTransaction) -> None:
        await begin("att_1")(t)
        if stands is not LineState.SENDING:
            await answer(stands)(t)

    await do(transactions, plan(a_line(1)))
    await in_turn(database_url, transactions, send, plan(a_line(2, send_id="snd_2")))
    found = {line.id: line.state for line in (await of_job(transactions)).values()}
    assert found == {"lin_1": stands, "lin_2": LineState.PLANNED}


async def test_an_intent_waits_for_a_plan_that_takes_its_line_away(
    database_url: str, transactions: PostgresTransactions
) -> None:
    await do(transactions, plan(a_line(1)))
    with pytest.raises(SendChanged):
        await in_turn(
            database_url, transactions, plan(a_line(9, item_id="1", send_id="snd_2")), begin("att_1")
        )
    assert (await of_job(transactions))["lin_1"].state is LineState.PLANNED


async def test_of_two_intents_for_one_line_one_is_stored(
    database_url: str, transactions: PostgresTransactions
) -> None:
    await do(transactions, plan(a_line(1)))
    with pytest.raises(SendChanged):
        await in_turn(database_url, transactions, begin("att_1"), begin("att_2"))
    assert (await of_job(transactions))["lin_1"].attempt_id == "att_1"


async def test_of_many_intents_at_once_one_is_stored(transactions: PostgresTransactions) -> None:
    await do(transactions, plan(a_line(1)))
    works = [do(transactions, begin(f"att_{number}")) for number in range(8)]
    ended = await asyncio.gather(*works, return_exceptions=True)
    assert [type(one) for one in ended if one is not None] == [SendChanged] * 7


async def test_a_late_answer_waits_for_the_verdict_and_is_then_told_that_it_is_over(
    database_url: str, transactions: PostgresTransactions
) -> None:
    await do(transactions, plan(a_line(1)), begin("att_1"), answer(LineState.IN_DOUBT))
    said = await in_turn(database_url, transactions, settle(LineState.NOT_POSTED), answer(LineState.POSTED))
    row = (await of_job(transactions))["lin_1"]
    assert (said, row.state, row.settled_by) == (None, LineState.NOT_POSTED, "ann")


async def test_a_verdict_waits_for_the_late_answer_and_is_then_refused(
    database_url: str, transactions: PostgresTransactions
) -> None:
    await do(transactions, plan(a_line(1)), begin("att_1"), answer(LineState.IN_DOUBT))
    with pytest.raises(Conflict) as caught:
        await in_turn(database_url, transactions, answer(LineState.POSTED), settle(LineState.NOT_POSTED))
    row = (await of_job(transactions))["lin_1"]
    assert (caught.value.code, row.state, row.settled_by) == ("LINE_NOT_IN_DOUBT", LineState.POSTED, None)


async def test_the_answer_learns_the_state_that_the_one_before_it_left(
    database_url: str, transactions: PostgresTransactions
) -> None:
    await do(transactions, plan(a_line(1)), begin("att_1"))
    former = await in_turn(database_url, transactions, answer(LineState.IN_DOUBT), answer(LineState.POSTED))
    assert former is LineState.IN_DOUBT


async def test_of_two_verdicts_the_first_counts(database_url: str, transactions: PostgresTransactions) -> None:
    await do(transactions, plan(a_line(1)), begin("att_1"), answer(LineState.IN_DOUBT))
    with pytest.raises(Conflict):
        await in_turn(database_url, transactions, settle(LineState.POSTED), settle(LineState.NOT_POSTED))
    assert (await of_job(transactions))["lin_1"].state is LineState.POSTED


async def test_whoever_settles_waits_for_the_one_who_looked_at_what_is_unclear(
    database_url: str, transactions: PostgresTransactions
) -> None:
    await do(transactions, plan(a_line(1)), begin("att_1"), answer(LineState.IN_DOUBT))
    line = await in_turn(
        database_url, transactions, lambda t: t.ledger.unclear_on("con_1", "T1"), settle(LineState.POSTED)
    )
    assert line.state is LineState.POSTED


async def test_whoever_changes_a_send_waits_for_the_one_who_found_it_in_doubt(
    database_url: str, transactions: PostgresTransactions
) -> None:
    async with transactions.begin("ten_1") as t:
        send = await t.sends.get("snd_1")
        send = await t.sends.save(replace(send, state=SendState.IN_DOUBT, work_order_number="T1"))
    await in_turn(
        database_url, transactions,
        lambda t: t.sends.waiting_on("con_1", "T1"), lambda t: t.sends.save(replace(send, state=SendState.CANCELLED)),
    )  # fmt: skip


@pytest.mark.parametrize("moment", [NOW, None])
async def test_twins_of_one_completion_wait_for_each_other_and_one_acts(
    database_url: str, transactions: PostgresTransactions, moment: datetime | None
) -> None:
    def record(t: TenantTransaction) -> Coroutine[Any, Any, bool]:
        return t.completions.record("con_1", "1", moment)

    assert await in_turn(database_url, transactions, record, record) is False


async def test_a_completion_whose_recorder_failed_is_the_next_ones(
    database_url: str, transactions: PostgresTransactions
) -> None:
    async def record() -> bool:
        async with transactions.begin("ten_1") as t:
            return await t.completions.record("con_1", "1", NOW)

    async with asyncio.timeout(PATIENCE):
        with pytest.raises(ZeroDivisionError):
            async with transactions.begin("ten_1") as t:
                assert await t.completions.record("con_1", "1", NOW)
                second = asyncio.create_task(record())
                await until_somebody_waits(database_url)
                raise ZeroDivisionError
        assert await second is True


async def test_hearing_of_a_job_while_its_hint_ends_is_never_lost(
    database_url: str, transactions: PostgresTransactions
) -> None:
    """Whichever of the two comes first, the hint is there afterwards."""

    async def hear(t: TenantTransaction) -> None:
        await t.hints.add("7", NOW)

    async def end(seen: Hint, t: TenantTransaction) -> None:
        await t.hints.done(seen)

    for before in (True, False):
        await do(transactions, hear)
        async with transactions.begin("ten_1") as t:
            seen = await t.hints.next_due(NOW)
        assert seen
        works = (hear, partial(end, seen)) if before else (partial(end, seen), hear)
        await in_turn(database_url, transactions, *works)
        async with transactions.begin("ten_1") as t:
            left = await t.hints.next_due(NOW)
            assert left == Hint("7", 2 if before else 1)
            assert left
            await t.hints.done(left)
