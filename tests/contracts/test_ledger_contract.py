"""One suite for the ledger in memory and in PostgreSQL: a line belongs to its send, and its place to one line."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.model.catalogue import finding
from core.model.shared.errors import NotFound, SendChanged
from core.model.shared.position import Position
from core.model.work_orders.cost_line import LedgerLine, LineState
from core.model.work_orders.item import ItemKind
from ports.storage.transactions import Transactions
from tests.support.storage_scene import NOW, a_connection, a_line, a_send, begin_line

OPEN = [LineState.PLANNED, LineState.REJECTED, LineState.NOT_POSTED]
UNCLEAR = [LineState.SENDING, LineState.IN_DOUBT]
NOT_OPEN = [*UNCLEAR, LineState.POSTED]
NOT_ANY_MORE = "must not be posted any more"
PROBLEM = finding("ITEM_CODE_UNKNOWN", "Spectrum does not accept the item code.")


@pytest.fixture
async def transactions(transactions: Transactions) -> Transactions:
    """ten_1 has the sends snd_1 and snd_2, and a second connection, con_3; ten_2 has the send snd_3."""
    async with transactions.begin("ten_1") as t:
        await t.sends.add(a_send(1))
        await t.sends.add(a_send(2))
        secrets = await t.connections.secrets("con_1")
        await t.connections.add(a_connection(3, tenant=1), secrets)
    async with transactions.begin("ten_2") as t:
        await t.sends.add(a_send(3, tenant_id="ten_2", connection_id="con_2"))
    return transactions


def a_line_in(state: LineState, number: int = 1, **changes: Any) -> LedgerLine:
    tried = {} if state is LineState.PLANNED else {"attempt_id": "att_1", "sent_at": NOW}
    return a_line(number, state=state, **tried | changes)


async def save(transactions: Transactions, *lines: LedgerLine) -> None:
    async with transactions.begin("ten_1") as t:
        await t.ledger.save(lines)


async def stored(transactions: Transactions, *line_ids: str) -> list[LedgerLine]:
    async with transactions.begin("ten_1") as t:
        return [await t.ledger.get(line_id) for line_id in line_ids]


async def is_gone(transactions: Transactions, line_id: str) -> bool:
    try:
        await stored(transactions, line_id)
    except NotFound as error:
        return error.code == "LINE_NOT_FOUND"
    return False


async def test_a_line_comes_back_whole(transactions: Transactions) -> None:
    whole = a_line(
        kind=ItemKind.OTHER_CHARGE,
        fields={"Other_Cost_Item": "X", "Sell_Price": "-1.50"},
        state=LineState.NOT_POSTED,
        round=2,
        place=7,
        attempt_id="att_1",
        sent_at=NOW,
        send_by=NOW + timedelta(seconds=30),
        quiet_until=NOW + timedelta(minutes=15),
        settled_at=NOW + timedelta(hours=1),
        system_key="key",
        findings=(PROBLEM,),
        settled_by="ann",
        settled_reason="I looked",
        plan_id="pln_1",
        given_back=True,
    )
    await save(transactions, whole, a_line(2))
    assert await stored(transactions, "lin_1", "lin_2") == [whole, a_line(2)]


async def test_a_line_is_stored_in_place_of_the_one_with_its_id(transactions: Transactions) -> None:
    await save(transactions, a_line(1, fields={"Item_Code": "VALVE"}), a_line(2))
    changed = a_line_in(LineState.REJECTED, 1, findings=(PROBLEM,), fields={"Item_Code": "OTHER"}, plan_id="pln_1")
    await save(transactions, changed)
    assert await stored(transactions, "lin_1", "lin_2") == [changed, a_line(2)]


@pytest.mark.parametrize("state", LineState)
@pytest.mark.parametrize("owner", ["snd_1", "snd_2", ""])
async def test_a_place_is_taken_once_whatever_the_line_in_it_is(
    transactions: Transactions, state: LineState, owner: str
) -> None:
    await save(transactions, a_line_in(state, 1))
    with pytest.raises(SendChanged):
        await save(transactions, a_line(8), a_line(9, item_id="1", send_id=owner))
    assert [line.state for line in await stored(transactions, "lin_1")] == [state]
    assert await is_gone(transactions, "lin_8"), "all or nothing"


@pytest.mark.parametrize("elsewhere", [{"work_order_number": "T2"}, {"round": 1}, {"connection_id": "con_3"}])
async def test_the_same_item_has_another_place_elsewhere(transactions: Transactions, elsewhere: dict[str, Any]) -> None:
    await save(transactions, a_line(1), a_line(9, item_id="1", **elsewhere))
    assert [line.id for line in await stored(transactions, "lin_1", "lin_9")] == ["lin_1", "lin_9"]


async def test_what_was_given_back_leaves_its_place_and_does_not_return_into_a_taken_one(
    transactions: Transactions,
) -> None:
    former = a_line_in(LineState.REJECTED, 1, given_back=True)
    await save(transactions, former)
    await save(transactions, a_line(9, item_id="1", send_id="snd_2"))
    await save(transactions, a_line_in(LineState.REJECTED, 8, item_id="1", given_back=True))
    with pytest.raises(SendChanged):
        await save(transactions, replace(former, given_back=False))
    assert await stored(transactions, "lin_1") == [former]


async def test_an_account_has_the_lines_of_the_job_and_those_of_the_number(transactions: Transactions) -> None:
    await save(
        transactions,
        a_line(1, item_id="b", round=1),
        a_line_in(LineState.POSTED, 2, item_id="b", round=0, send_id="snd_2"),
        a_line_in(LineState.POSTED, 3, item_id="c", job_id="2"),
        a_line_in(LineState.POSTED, 4, item_id="a", work_order_number="OLD"),
        a_line(5, job_id="2", work_order_number="T2"),
        a_line(6, connection_id="con_3"),
        a_line_in(LineState.REJECTED, 7, given_back=True),
    )
    async with transactions.begin("ten_1") as t:
        found = await t.ledger.on_account("con_1", "1", "T1")
        assert [line.id for line in found] == ["lin_4", "lin_2", "lin_1", "lin_3"], "by item and round"
        assert [line.id for line in await t.ledger.on_account("con_1", "9", "T2")] == ["lin_5"]
        assert await t.ledger.on_account("con_1", "9", "T9") == []


async def test_a_send_has_its_own_lines_in_the_order_of_posting_with_what_it_gave_back(
    transactions: Transactions,
) -> None:
    await save(
        transactions,
        a_line(1, place=2),
        a_line(2, place=0),
        a_line_in(LineState.REJECTED, 3, place=1, given_back=True),
        a_line_in(LineState.POSTED, 4, place=0, item_id="1a", work_order_number="OLD", job_id="2"),
        a_line(5, send_id="snd_2"),
        a_line_in(LineState.POSTED, 6, send_id=""),
    )
    async with transactions.begin("ten_1") as t:
        assert [line.id for line in await t.ledger.of_send("snd_1")] == ["lin_4", "lin_2", "lin_3", "lin_1"]
        assert [line.id for line in await t.ledger.of_send("snd_2")] == ["lin_5"]
        of_both = await t.ledger.of_sends(["snd_1", "snd_2", "snd_none"])
        assert sorted(line.id for line in of_both) == ["lin_1", "lin_2", "lin_3", "lin_4", "lin_5"]
        assert await t.ledger.of_sends([]) == []


@pytest.mark.parametrize(
    ("line", "holds"),
    [
        *((a_line_in(state, send_id="snd_2"), state is not LineState.POSTED) for state in LineState),
        (a_line(send_id="snd_2", given_back=True), False),
        (a_line(send_id="snd_1"), False),
        (a_line(send_id=""), False),
        (a_line(send_id="snd_2", work_order_number="T2"), False),
        (a_line(send_id="snd_2", connection_id="con_3"), False),
        (a_line(send_id="snd_2", job_id="9"), True),
    ],
)
async def test_another_send_holds_a_work_order_while_it_owes_lines_to_it(
    transactions: Transactions, line: LedgerLine, holds: bool
) -> None:
    await save(transactions, line)
    async with transactions.begin("ten_1") as t:
        assert await t.ledger.holder("con_1", "T1", beside="snd_1") == ("snd_2" if holds else None)


async def test_of_several_holders_one_is_named_always_the_same(transactions: Transactions) -> None:
    owned = [a_line(n, send_id=owner) for n, owner in enumerate(["snd_3", "snd_1", "", "snd_2", "snd_3"], start=1)]
    await save(transactions, *owned)
    async with transactions.begin("ten_1") as t:
        assert await t.ledger.holder("con_1", "T1", beside="snd_1") == "snd_2"
        assert await t.ledger.holder("con_1", "T1", beside="snd_9") == "snd_1"


@pytest.mark.parametrize("state", LineState)
async def test_a_send_gives_back_what_is_open_and_leaves_what_may_stand(
    transactions: Transactions, state: LineState
) -> None:
    line = a_line_in(state, 1)
    await save(transactions, line)
    async with transactions.begin("ten_1") as t:
        assert await t.ledger.give_back("snd_1") == (["lin_1"] if state.open else [])
    assert await stored(transactions, "lin_1") == [replace(line, given_back=state.open)]


async def test_giving_back_touches_nothing_of_another_send_or_of_a_person(transactions: Transactions) -> None:
    others = [
        a_line(2, send_id="snd_2"),
        a_line_in(LineState.REJECTED, 3, send_id="snd_2"),
        a_line(4, send_id="snd_2", given_back=True),
        a_line_in(LineState.POSTED, 5, send_id=""),
    ]
    await save(transactions, a_line(1), *others)
    async with transactions.begin("ten_1") as t:
        assert await t.ledger.give_back("snd_1") == ["lin_1"]
    assert await stored(transactions, "lin_2", "lin_3", "lin_4", "lin_5") == others


async def test_giving_back_again_drops_what_was_never_tried_and_keeps_what_was(transactions: Transactions) -> None:
    """A plan that came to nothing leaves no trace once the next one has, too; an answer of Spectrum's stays."""
    refused = a_line_in(LineState.REJECTED, 1)
    await save(transactions, refused, a_line(2))
    async with transactions.begin("ten_1") as t:
        assert sorted(await t.ledger.give_back("snd_1")) == ["lin_1", "lin_2"]
    await save(transactions, a_line(3, item_id="2"))
    async with transactions.begin("ten_1") as t:
        assert await t.ledger.give_back("snd_1") == ["lin_3"], "those of before are off their places already"
    assert await is_gone(transactions, "lin_2")
    assert await stored(transactions, "lin_1", "lin_3") == [
        replace(refused, given_back=True),
        a_line(3, item_id="2", given_back=True),
    ]


async def test_an_intent_names_its_attempt_and_counts_from_the_storages_time(transactions: Transactions) -> None:
    await save(transactions, a_line(1))
    before = datetime.now(UTC) - timedelta(seconds=5)
    async with transactions.begin("ten_1") as t:
        now = await t.now()
        begun = await begin_line(t)
        assert await t.ledger.get("lin_1") == begun
    assert before < now < before + timedelta(seconds=60)
    assert begun == a_line(
        1,
        state=LineState.SENDING,
        attempt_id="att_1",
        sent_at=now,
        send_by=now + timedelta(seconds=30),
        quiet_until=now + timedelta(minutes=15),
    )


@pytest.mark.parametrize("state", [LineState.REJECTED, LineState.NOT_POSTED])
async def test_a_new_intent_forgets_what_the_last_one_left(transactions: Transactions, state: LineState) -> None:
    left = {"settled_at": NOW, "settled_by": "ann", "settled_reason": "x", "system_key": "k", "findings": (PROBLEM,)}
    await save(transactions, a_line_in(state, 1, **left))
    async with transactions.begin("ten_1") as t:
        begun = await begin_line(t, attempt_id="att_2")
    assert (begun.state, begun.attempt_id) == (LineState.SENDING, "att_2")
    assert (begun.findings, begun.settled_by, begun.settled_reason) == ((), None, None)
    assert (begun.settled_at, begun.system_key) == (None, None)


@pytest.mark.parametrize(
    "line", [*(a_line_in(state) for state in NOT_OPEN), *(a_line_in(state, given_back=True) for state in OPEN)]
)
async def test_no_intent_for_a_line_that_may_stand_or_was_given_back(
    transactions: Transactions, line: LedgerLine
) -> None:
    await save(transactions, line)
    with pytest.raises(SendChanged, match=NOT_ANY_MORE):
        async with transactions.begin("ten_1") as t:
            await begin_line(t, attempt_id="att_2")
    assert await stored(transactions, "lin_1") == [line]


async def test_no_intent_for_a_line_that_is_gone(transactions: Transactions) -> None:
    with pytest.raises(SendChanged, match=NOT_ANY_MORE):
        async with transactions.begin("ten_1") as t:
            await begin_line(t)


async def test_what_is_unclear_on_a_work_order_is_found_whatever_send_it_is_of(transactions: Transactions) -> None:
    states = [LineState.SENDING, LineState.IN_DOUBT, LineState.POSTED, *OPEN]
    lines = [a_line_in(state, number, send_id=f"snd_{number}") for number, state in enumerate(states, start=1)]
    await save(transactions, *lines, a_line_in(LineState.IN_DOUBT, 8, connection_id="con_3"))
    async with transactions.begin("ten_1") as t:
        assert [line.id for line in await t.ledger.unclear_on("con_1", "T1")] == ["lin_1", "lin_2"]
        assert [line.id for line in await t.ledger.unclear_on("con_3", "T1")] == ["lin_8"]
        assert await t.ledger.unclear_on("con_1", "T2") == []


async def test_doubts_come_the_longest_waiting_first_and_in_pages(transactions: Transactions) -> None:
    sent = [NOW, NOW, NOW - timedelta(seconds=1), NOW + timedelta(seconds=1)]
    doubts = [a_line_in(LineState.IN_DOUBT, number, sent_at=at) for number, at in enumerate(sent, start=1)]
    elsewhere = a_line_in(LineState.IN_DOUBT, 5, connection_id="con_3", sent_at=NOW + timedelta(days=1))
    others = [a_line_in(state, number) for number, state in enumerate(set(LineState) - {LineState.IN_DOUBT}, start=6)]
    await save(transactions, *doubts, elsewhere, *others)
    async with transactions.begin("ten_1") as t:
        whole = [line.id for line in await t.ledger.doubts()]
        assert whole == ["lin_3", "lin_1", "lin_2", "lin_4", "lin_5"]
        paged: list[str] = []
        after: Position | None = None
        while page := await t.ledger.doubts(limit=2, after=after):
            assert page[-1].sent_at is not None
            after = Position(page[-1].sent_at, page[-1].id)
            paged += [line.id for line in page]
        assert paged == whole, "none twice and none left out, though two were sent at one moment"
        assert [line.id for line in await t.ledger.doubts(connection_id="con_3")] == ["lin_5"]
        assert await t.ledger.doubts(connection_id="con_2") == []


async def test_another_tenants_lines_are_not_there(transactions: Transactions) -> None:
    doubt = a_line_in(LineState.IN_DOUBT, 1)
    await save(transactions, doubt, a_line(2))
    async with transactions.begin("ten_2") as t:
        assert await t.ledger.on_account("con_1", "1", "T1") == []
        assert await t.ledger.of_send("snd_1") == []
        assert await t.ledger.holder("con_1", "T1", beside="") is None
        assert await t.ledger.unclear_on("con_1", "T1") == []
        assert await t.ledger.doubts() == []
        assert await t.ledger.give_back("snd_1") == []
        with pytest.raises(NotFound):
            await t.ledger.get("lin_1")
    with pytest.raises(SendChanged, match=NOT_ANY_MORE):
        async with transactions.begin("ten_2") as t:
            await begin_line(t, "lin_2", send_id="snd_3")
    assert await stored(transactions, "lin_1", "lin_2") == [doubt, a_line(2)]
