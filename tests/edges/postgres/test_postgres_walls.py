"""The second wall: what the database itself refuses, whatever the program believes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import psycopg
import pytest
from psycopg.errors import CheckViolation, UniqueViolation
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.outbound.postgres.server.failures import violates
from adapters.outbound.postgres.transactions import PostgresTransactions
from core.model.sending.send import SendState
from core.model.work_orders.cost_line import BY_HAND, LedgerLine, LineState
from tests.support.storage_scene import NOW, a_line, a_plan, a_planned_line, a_send, furnish, stored

SENT = [SendState.SENT, SendState.SENT_WITH_WARNINGS]
TWO_LINES = a_plan(a_planned_line("1"), a_planned_line("2"))


@pytest.fixture
async def transactions(engine: AsyncEngine) -> PostgresTransactions:
    """snd_1 has a plan of two lines."""
    transactions = await furnish(engine)
    async with transactions.begin("ten_1") as t:
        send = await t.sends.add(a_send(1, state=SendState.SENDING))
        await t.sends.add(a_send(2))
        send = await stored(t, replace(send, plan_id="pln_0"), plan=TWO_LINES)
        await stored(t, replace(send, plan_id="pln_1"), plan=TWO_LINES)
    return transactions


def in_state(state: LineState, number: int, **changes: object) -> LedgerLine:
    tried = {} if state is LineState.PLANNED else {"attempt_id": "att_1", "sent_at": NOW}
    return a_line(number, **{"state": state, "plan_id": "pln_1", **tried, **changes})


def posted(number: int, **changes: object) -> LedgerLine:
    return in_state(LineState.POSTED, number, **changes)


async def conclude(transactions: PostgresTransactions, state: SendState, lines: Sequence[LedgerLine]) -> SendState:
    async with transactions.begin("ten_1") as t:
        send = await t.sends.get("snd_1")
        await stored(t, replace(send, state=state), lines=lines)
    async with transactions.begin("ten_1") as t:
        return (await t.sends.get("snd_1")).state


@pytest.mark.parametrize("state", SENT)
@pytest.mark.parametrize(
    "lines",
    [
        (posted(1), posted(2)),
        (posted(1), posted(2, attempt_id=BY_HAND)),
        (posted(1), posted(2), in_state(LineState.REJECTED, 3, plan_id="pln_0", given_back=True)),
        (posted(1), posted(2), posted(3, plan_id="pln_0")),
        (posted(1), posted(2), in_state(LineState.PLANNED, 3, send_id="snd_2")),
        (posted(1), posted(2), in_state(LineState.IN_DOUBT, 3, send_id="snd_2")),
    ],
    ids=["both", "one by hand", "one given back before", "one more before", "another send owes", "another's doubt"],
)
async def test_a_send_whose_lines_are_all_posted_is_sent(
    transactions: PostgresTransactions, state: SendState, lines: Sequence[LedgerLine]
) -> None:
    assert await conclude(transactions, state, lines) is state


@pytest.mark.parametrize("state", SENT)
@pytest.mark.parametrize(
    "lines",
    [
        (),
        (posted(1),),
        *((posted(1), in_state(state, 2)) for state in LineState if state is not LineState.POSTED),
        (posted(1), in_state(LineState.REJECTED, 2, given_back=True)),
        (posted(1), posted(2, plan_id="pln_0")),
        (posted(1), posted(2, send_id="snd_2")),
        (posted(1), posted(2, send_id="")),
        (posted(1), posted(2), in_state(LineState.PLANNED, 3, plan_id="pln_0")),
        (posted(1), posted(2), in_state(LineState.IN_DOUBT, 3, plan_id="pln_0")),
    ],
    ids=[
        "none",
        "one missing",
        "planned",
        "sending",
        "rejected",
        "in doubt",
        "not posted",
        "given back",
        "of another plan",
        "of another send",
        "of no send",
        "owed to a former plan",
        "in doubt from a former plan",
    ],
)
async def test_a_send_that_owes_a_line_is_never_called_sent(
    transactions: PostgresTransactions, state: SendState, lines: Sequence[LedgerLine]
) -> None:
    with pytest.raises(CheckViolation) as caught:
        await conclude(transactions, state, lines)
    assert caught.value.diag.constraint_name == "sent_is_shown"
    async with transactions.begin("ten_1") as t:
        assert (await t.sends.get("snd_1")).state is SendState.SENDING


@pytest.mark.parametrize("state", sorted(set(SendState) - set(SENT) - {SendState.SENDING}))
async def test_any_other_end_needs_no_proof(transactions: PostgresTransactions, state: SendState) -> None:
    assert await conclude(transactions, state, [posted(1), in_state(LineState.REJECTED, 2)]) is state


async def test_a_send_without_a_plan_or_without_items_has_nothing_to_show(transactions: PostgresTransactions) -> None:
    async with transactions.begin("ten_1") as t:
        send = await t.sends.get("snd_2")
        await stored(t, replace(send, state=SendState.SENT))
        first = await t.sends.get("snd_1")
        await stored(t, replace(first, plan_id="pln_2", state=SendState.SENT), plan=a_plan())
    async with transactions.begin("ten_1") as t:
        assert [send.state for send in await t.sends.page()] == [SendState.SENT] * 2


async def test_what_is_sent_already_is_saved_again(transactions: PostgresTransactions) -> None:
    """The report that follows changes the send, not its state."""
    await conclude(transactions, SendState.SENT, [posted(1), posted(2)])
    async with transactions.begin("ten_1") as t:
        await stored(t, replace(await t.sends.get("snd_1"), finished_at=NOW))
    async with transactions.begin("ten_1") as t:
        assert (await t.sends.get("snd_1")).finished_at == NOW


async def test_raw_sql_of_the_databases_owner_is_refused_too(
    database_url: str, transactions: PostgresTransactions
) -> None:
    await conclude(transactions, SendState.RETRYING, [posted(1)])
    with (
        psycopg.connect(database_url) as connection,
        pytest.raises(CheckViolation, match="1 of its 2 lines are posted") as caught,
    ):
        connection.execute("UPDATE sends SET state = 'sent' WHERE id = 'snd_1'")
    assert caught.value.diag.constraint_name == "sent_is_shown"


@pytest.mark.parametrize(
    "moved",
    [
        {"send_id": "snd_2"},
        {"send_id": ""},
        {"item_id": "9"},
        {"work_order_number": "T2"},
        {"round": 1},
        {"connection_id": "con_3"},
    ],
    ids=lambda moved: next(iter(moved)),
)
@pytest.mark.parametrize("state", [LineState.PLANNED, LineState.POSTED])
async def test_a_line_keeps_its_send_and_its_place_for_ever(
    transactions: PostgresTransactions, state: LineState, moved: dict[str, object]
) -> None:
    line = in_state(state, 1)
    async with transactions.begin("ten_1") as t:
        await t.ledger.save([line])
    with pytest.raises(IntegrityError) as caught:
        async with transactions.begin("ten_1") as t:
            await t.ledger.save([replace(line, **moved)])  # type: ignore[arg-type]
    assert violates(caught.value, "line_keeps_its_send")
    async with transactions.begin("ten_1") as t:
        assert await t.ledger.get("lin_1") == line


async def test_a_stored_plan_is_written_once(transactions: PostgresTransactions) -> None:
    with pytest.raises(UniqueViolation):
        async with transactions.begin("ten_1") as t:
            await stored(t, await t.sends.get("snd_1"), plan=a_plan())
    async with transactions.begin("ten_1") as t:
        assert (await t.sends.get("snd_1")).plan == TWO_LINES
