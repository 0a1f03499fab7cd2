"""One suite for the ledger in memory and in PostgreSQL: every state change starts from a state, and only from that."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.model.catalogue import finding
from core.model.cost_line import LedgerLine, LineState
from core.model.errors import Conflict, NotFound, SendChanged
from core.model.item import ItemKind
from core.model.position import Position
from core.model.send import SendState
from ports.transactions import TenantTransaction, Transactions
from tests.edges.storage_scene import NOW, a_line, a_send

OPEN = [LineState.PLANNED, LineState.REJECTED, LineState.NOT_POSTED]
NOT_OPEN = [LineState.SENDING, LineState.IN_DOUBT, LineState.POSTED]
PROBLEM = finding("ITEM_CODE_UNKNOWN", "Spectrum does not accept the item code.")


@pytest.fixture
async def transactions(transactions: Transactions) -> Transactions:
    """ten_1 has the sends snd_1 and snd_2."""
    await _add_sends(transactions)
    return transactions


async def _add_sends(made: Transactions) -> None:
    async with made.begin("ten_1") as t:
        await t.sends.add(a_send(1))
        await t.sends.add(a_send(2))


async def plan(transactions: Transactions, *lines: LedgerLine, job_id: str = "1") -> None:
    async with transactions.begin("ten_1") as t:
        await t.ledger.plan("con_1", job_id, lines)


async def begin(
    t: TenantTransaction, line_id: str = "lin_1", attempt: str = "att_1", send: str = "snd_1"
) -> LedgerLine:
    return await t.ledger.begin(
        line_id, send_id=send, attempt_id=attempt, epoch=1, payload_hash="hash",
        send_by=timedelta(seconds=30), quiet=timedelta(minutes=15),
    )  # fmt: skip


async def bring(transactions: Transactions, state: LineState, line_id: str = "lin_1") -> None:
    """Bring a planned line to `state` the way it gets there."""
    async with transactions.begin("ten_1") as t:
        if state is LineState.PLANNED:
            return
        await begin(t, line_id)
        if state is LineState.NOT_POSTED:
            await t.ledger.answer(line_id, "att_1", LineState.IN_DOUBT)
            await t.ledger.settle(line_id, LineState.NOT_POSTED, by="ann", reason="not there", at=NOW)
        elif state is not LineState.SENDING:
            await t.ledger.answer(line_id, "att_1", state, findings=[PROBLEM], system_key="key")


async def states(transactions: Transactions) -> dict[str, LineState]:
    async with transactions.begin("ten_1") as t:
        return {line.id: line.state for line in await t.ledger.of_job("con_1", "1")}


async def test_planned_lines_come_back_whole_and_in_the_order_of_their_send(transactions: Transactions) -> None:
    first, second = a_line(1, place=1), a_line(2, place=0, kind=ItemKind.OTHER_CHARGE, fields={"Other_Cost_Item": "X"})
    await plan(transactions, first, second)
    async with transactions.begin("ten_1") as t:
        assert await t.ledger.of_send("snd_1") == [second, first]
        assert await t.ledger.of_job("con_1", "1") == [first, second]
        assert await t.ledger.get("lin_1") == first
        assert await t.ledger.of_job("con_1", "2") == []


async def next_of_send(transactions: Transactions) -> str | None:
    async with transactions.begin("ten_1") as t:
        line = await t.ledger.next_of_send("snd_1")
        return line.id if line else None


async def test_the_next_line_is_the_first_that_is_to_be_posted(transactions: Transactions) -> None:
    await plan(transactions, a_line(1, place=1), a_line(2, place=0), a_line(3, place=2, send_id="snd_2"))
    assert await next_of_send(transactions) == "lin_2"
    await bring(transactions, LineState.POSTED, "lin_2")
    assert await next_of_send(transactions) == "lin_1"
    await bring(transactions, LineState.POSTED)
    assert await next_of_send(transactions) is None


@pytest.mark.parametrize(
    ("state", "following"),
    [
        (LineState.SENDING, None), (LineState.IN_DOUBT, None), (LineState.REJECTED, None),
        (LineState.POSTED, "lin_2"), (LineState.NOT_POSTED, "lin_1"),
    ],
)  # fmt: skip
async def test_a_later_line_of_an_item_waits_for_the_earlier_one(
    transactions: Transactions, state: LineState, following: str | None
) -> None:
    await plan(transactions, a_line(1, item_id="1", round=0), a_line(2, item_id="1", round=1, place=1))
    await bring(transactions, state)
    assert await next_of_send(transactions) == following


async def test_a_line_that_waits_does_not_hold_back_other_items(transactions: Transactions) -> None:
    await plan(transactions, a_line(1), a_line(2, place=1))
    await bring(transactions, LineState.REJECTED)
    assert await next_of_send(transactions) == "lin_2"


@pytest.mark.parametrize("state", OPEN)
async def test_an_open_row_is_taken_over_under_its_own_id(transactions: Transactions, state: LineState) -> None:
    await plan(transactions, a_line(1))
    await bring(transactions, state)
    await plan(transactions, a_line(9, item_id="1", send_id="snd_2", fields={"Item_Code": "OTHER"}))
    async with transactions.begin("ten_1") as t:
        [row] = await t.ledger.of_job("con_1", "1")
    assert row == a_line(9, id="lin_1", item_id="1", send_id="snd_2", fields={"Item_Code": "OTHER"})


@pytest.mark.parametrize("state", OPEN)
async def test_open_rows_that_are_not_wanted_any_more_go(transactions: Transactions, state: LineState) -> None:
    await plan(transactions, a_line(1), a_line(2))
    await bring(transactions, state)
    await plan(transactions, a_line(3))
    assert await states(transactions) == {"lin_3": LineState.PLANNED}


@pytest.mark.parametrize("state", NOT_OPEN)
async def test_rows_that_may_stand_in_spectrum_are_never_touched_by_a_plan(
    transactions: Transactions, state: LineState
) -> None:
    await plan(transactions, a_line(1))
    await bring(transactions, state)
    await plan(transactions, a_line(2))
    assert await states(transactions) == {"lin_1": state, "lin_2": LineState.PLANNED}
    with pytest.raises(SendChanged):
        await plan(transactions, a_line(7, item_id="1"), a_line(8, item_id="8"))
    assert await states(transactions) == {"lin_1": state, "lin_2": LineState.PLANNED}, "all or nothing"


async def test_a_plan_leaves_other_jobs_alone(transactions: Transactions) -> None:
    await plan(transactions, a_line(1))
    await plan(transactions, a_line(2, job_id="2", work_order_number="T2"), job_id="2")
    await plan(transactions, job_id="2")
    assert await states(transactions) == {"lin_1": LineState.PLANNED}
    with pytest.raises(SendChanged):  # the same item on the same work order, but of another job
        await plan(transactions, a_line(3, item_id="1", job_id="2"), job_id="2")


async def test_an_intent_names_its_attempt_and_its_times(transactions: Transactions) -> None:
    await plan(transactions, a_line(1))
    before = datetime.now(UTC) - timedelta(seconds=5)
    async with transactions.begin("ten_1") as t:
        begun = await begin(t)
    assert (begun.state, begun.attempt_id) == (LineState.SENDING, "att_1")
    assert begun.sent_at
    assert begun.send_by
    assert begun.quiet_until
    assert before < begun.sent_at < before + timedelta(seconds=60)
    assert begun.send_by - begun.sent_at == timedelta(seconds=30)
    assert begun.quiet_until - begun.sent_at == timedelta(minutes=15)


@pytest.mark.parametrize("state", NOT_OPEN)
async def test_no_second_intent_for_a_line_that_may_stand(transactions: Transactions, state: LineState) -> None:
    await plan(transactions, a_line(1))
    await bring(transactions, state)
    with pytest.raises(SendChanged):
        async with transactions.begin("ten_1") as t:
            await begin(t, attempt="att_2")


async def test_no_intent_for_a_line_of_another_send(transactions: Transactions) -> None:
    await plan(transactions, a_line(1))
    with pytest.raises(SendChanged):
        async with transactions.begin("ten_1") as t:
            await begin(t, send="snd_2")


async def test_a_new_intent_forgets_what_the_last_one_left(transactions: Transactions) -> None:
    await plan(transactions, a_line(1))
    await bring(transactions, LineState.NOT_POSTED)
    async with transactions.begin("ten_1") as t:
        begun = await begin(t, attempt="att_2")
    assert (begun.attempt_id, begun.findings, begun.settled_by, begun.settled_at) == ("att_2", (), None, None)


@pytest.mark.parametrize("former", [LineState.SENDING, LineState.IN_DOUBT])
async def test_an_answer_counts_while_the_line_waits_for_it(transactions: Transactions, former: LineState) -> None:
    await plan(transactions, a_line(1))
    await bring(transactions, former)
    async with transactions.begin("ten_1") as t:
        said = await t.ledger.answer("lin_1", "att_1", LineState.POSTED, findings=[PROBLEM], system_key="key-1")
        line = await t.ledger.get("lin_1")
    assert said is former
    assert (line.state, line.findings, line.system_key) == (LineState.POSTED, (PROBLEM,), "key-1")


async def test_the_answer_to_another_attempt_changes_nothing(transactions: Transactions) -> None:
    await plan(transactions, a_line(1))
    await bring(transactions, LineState.SENDING)
    async with transactions.begin("ten_1") as t:
        assert await t.ledger.answer("lin_1", "att_0", LineState.PLANNED) is None
        assert await t.ledger.answer("lin_9", "att_1", LineState.PLANNED) is None
    assert await states(transactions) == {"lin_1": LineState.SENDING}


@pytest.mark.parametrize("state", [LineState.POSTED, LineState.REJECTED, LineState.NOT_POSTED, LineState.PLANNED])
async def test_an_answer_after_the_end_changes_nothing(transactions: Transactions, state: LineState) -> None:
    await plan(transactions, a_line(1))
    await bring(transactions, state)
    async with transactions.begin("ten_1") as t:
        assert await t.ledger.answer("lin_1", "att_1", LineState.POSTED) is None
    assert await states(transactions) == {"lin_1": state}


@pytest.mark.parametrize("verdict", [LineState.POSTED, LineState.NOT_POSTED])
async def test_a_verdict_settles_a_doubt_once_and_keeps_who_said_what(
    transactions: Transactions, verdict: LineState
) -> None:
    await plan(transactions, a_line(1))
    await bring(transactions, LineState.IN_DOUBT)
    async with transactions.begin("ten_1") as t:
        line = await t.ledger.settle("lin_1", verdict, by="ann", reason="I looked", at=NOW)
    assert (line.state, line.settled_by, line.settled_reason, line.settled_at) == (verdict, "ann", "I looked", NOW)
    with pytest.raises(Conflict) as caught:
        async with transactions.begin("ten_1") as t:
            await t.ledger.settle("lin_1", LineState.POSTED, by="bob", reason="me too", at=NOW)
    assert caught.value.code == "LINE_NOT_IN_DOUBT"


@pytest.mark.parametrize("state", [LineState.PLANNED, LineState.SENDING, LineState.POSTED, LineState.REJECTED])
async def test_only_a_doubt_can_be_settled(transactions: Transactions, state: LineState) -> None:
    await plan(transactions, a_line(1))
    await bring(transactions, state)
    with pytest.raises(Conflict):
        async with transactions.begin("ten_1") as t:
            await t.ledger.settle("lin_1", LineState.POSTED, by="ann", reason="x", at=NOW)
    assert await states(transactions) == {"lin_1": state}


async def test_what_is_unclear_on_a_work_order_is_found_whatever_send_it_is_of(transactions: Transactions) -> None:
    await plan(transactions, a_line(1), a_line(2, send_id="snd_2"), a_line(3), a_line(4))
    await bring(transactions, LineState.SENDING, "lin_1")
    await bring(transactions, LineState.POSTED, "lin_3")
    async with transactions.begin("ten_1") as t:
        await begin(t, "lin_2", send="snd_2")
        await t.ledger.answer("lin_2", "att_1", LineState.IN_DOUBT)
        assert [line.id for line in await t.ledger.unclear_on("con_1", "T1")] == ["lin_1", "lin_2"]
        assert await t.ledger.unclear_on("con_1", "T2") == []
        assert [line.id for line in await t.ledger.doubts()] == ["lin_2"]
        assert await t.ledger.doubts(connection_id="con_2") == []
        [doubt] = await t.ledger.doubts()
        assert doubt.sent_at is not None
        assert await t.ledger.doubts(after=Position(doubt.sent_at, doubt.id)) == []
        assert await t.ledger.doubts(after=Position(doubt.sent_at, "lin_1")) == [doubt]
        assert await t.ledger.doubts(after=Position(doubt.sent_at - timedelta(seconds=1), "lin_9")) == [doubt]
        assert len(await t.ledger.doubts(connection_id="con_1", limit=5)) == 1


async def test_another_tenants_lines_are_not_there(transactions: Transactions) -> None:
    await plan(transactions, a_line(1))
    await bring(transactions, LineState.IN_DOUBT)
    async with transactions.begin("ten_2") as t:
        assert await t.ledger.of_job("con_1", "1") == []
        assert await t.ledger.of_send("snd_1") == []
        assert await t.ledger.unclear_on("con_1", "T1") == []
        assert await t.ledger.doubts() == []
        assert await t.ledger.answer("lin_1", "att_1", LineState.POSTED) is None
    for act in ("get", "settle"):
        with pytest.raises(NotFound):
            async with transactions.begin("ten_2") as t:
                if act == "get":
                    await t.ledger.get("lin_1")
                else:
                    await t.ledger.settle("lin_1", LineState.POSTED, by="eve", reason="x", at=NOW)


async def test_the_sends_that_wait_for_a_work_order_are_found(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        for number in ("snd_1", "snd_2"):
            send = await t.sends.get(number)
            waiting = SendState.IN_DOUBT if number == "snd_2" else SendState.NEEDS_ATTENTION
            await t.sends.save(replace(send, state=waiting, work_order_number="T1"))
        assert [send.id for send in await t.sends.waiting_on("con_1", "T1")] == ["snd_2"]
        assert await t.sends.waiting_on("con_1", "T2") == []
