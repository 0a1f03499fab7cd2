"""One suite for lists of sends, in memory and in PostgreSQL: every filter alone and with others, page by page."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.model.catalogue import finding
from core.model.sending.send import Send, SendState
from core.model.sending.send_filter import MOST_CUSTOMERS, SendFilter
from core.model.shared.errors import BadInput
from ports.storage.transactions import TenantTransaction, Transactions
from tests.support.storage_scene import NOW, a_send, stored

LOCKED, NO_CODE = finding("RECORD_LOCKED", "It is locked."), finding("MAP_CUSTOMER_MISSING", "It has no code.")
HARBOR, COLD = "Harborview  Medical Center", "Cold Street GmbH"
DAY = timedelta(days=1)


async def a_history(t: TenantTransaction) -> list[Send]:
    """Forty sends of one connection over ten days, in every state, with three causes and three customers."""
    made = []
    for number, state in zip(range(1, 41), itertools.cycle(SendState), strict=False):
        planned = number % 4 != 0
        send = await t.sends.add(
            a_send(
                number,
                job_id=str(number // 2),
                requested_at=NOW + DAY * (number // 4),
                batch_id="bat_1" if number % 3 == 0 else None,
            )
        )
        change = replace(
            send,
            state=state,
            due_at=None,
            findings=(LOCKED,) if number % 3 else (NO_CODE,),
            job_number=f"J{number // 2}" if planned else None,
            work_order_number=f"T{number // 2}" if planned else None,
            customer=(HARBOR, COLD, "ÉCOLE Nº 5")[number % 3] if planned else None,
        )
        made.append(await stored(t, change))
    return made


PARTS: dict[str, tuple[Any, ...]] = {
    "states": ((), (SendState.NEEDS_ATTENTION,), (SendState.SENT, SendState.RETRYING)),
    "connection_id": (None, "con_1", "con_9"),
    "job_id": (None, "7"),
    "cause": (None, "RECORD_LOCKED", "NOTHING"),
    "text": (None, "medical", "j7", "T9", "snd_11", "7", "none such"),
    "since": (None, NOW + 3 * DAY),
    "until": (None, NOW + 6 * DAY),
}


def filters_of(*names: str) -> Iterator[SendFilter]:
    for values in itertools.product(*(PARTS[name] for name in names)):
        yield SendFilter(**dict(zip(names, values, strict=True)))


@pytest.mark.parametrize("together", [2, pytest.param(len(PARTS), marks=pytest.mark.long)])
async def test_every_combination_of_filters_gives_what_matches_it_newest_first(
    transactions: Transactions, together: int
) -> None:
    async with transactions.begin("ten_1") as t:
        history = await a_history(t)
        tried = {only for names in itertools.combinations(PARTS, together) for only in filters_of(*names)}
        for only in tried:
            wanted = [send.id for send in reversed(history) if only.matches(send)]
            assert [send.id for send in await t.sends.page(only)] == wanted, only
            assert await t.sends.count(only, 3) == min(len(wanted), 3)


async def test_a_list_goes_on_where_the_page_before_it_ended(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        history = await a_history(t)
        for only in (
            SendFilter(),
            SendFilter(connection_id="con_1"),
            SendFilter(states=(SendState.SENT, SendState.RETRYING)),
            SendFilter(text="HARBORVIEW medical"),
            SendFilter(batch_id="bat_1", text="center"),
        ):
            found: list[Send] = []
            while page := await t.sends.page(only, limit=3, before=found[-1].seq if found else None):
                found += page
            in_batch = {send.id for send in history if send.batch_id}
            wanted = [send for send in reversed(history) if only.matches(send)]
            assert [one.id for one in found] == [one.id for one in wanted if not only.batch_id or one.id in in_batch]
            assert found


async def test_a_text_finds_customers_however_it_is_written(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        await a_history(t)
        for text in (
            "harborview medical",
            "  Harborview   MEDICAL ",
            "iew med",
            "école nº",
            "ecole".replace("e", "é", 1),
        ):
            assert await t.sends.page(SendFilter(text=text)), text
        assert not await t.sends.page(SendFilter(text="harborview-medical"))
        assert await t.sends.customers("c", 10) == [COLD, HARBOR, "ÉCOLE Nº 5"]
        assert await t.sends.customers("c", 1) == [COLD]
    async with transactions.begin("ten_2") as t:
        assert await t.sends.customers("c", 10) == []
        assert await t.sends.causes() == set()


async def test_a_cause_is_of_sends_that_are_not_simply_sent(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        send = await t.sends.add(a_send(1))
        assert await t.sends.causes() == set()
        failed = await stored(t, replace(send, state=SendState.NEEDS_ATTENTION, findings=(LOCKED,), due_at=None))
        assert await t.sends.causes() == {"RECORD_LOCKED"}
        again = await stored(t, replace(failed, state=SendState.QUEUED))
        assert await t.sends.causes() == set()
        assert not await t.sends.page(SendFilter(cause="RECORD_LOCKED"))
        await stored(t, replace(again, state=SendState.CANCELLED))
        assert await t.sends.causes() == set()


async def test_a_text_that_too_many_customers_have_is_refused_with_a_fix(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        for number in range(MOST_CUSTOMERS + 1):
            send = await t.sends.add(a_send(number))
            await stored(t, replace(send, customer=f"Customer {number:03}", job_number=f"{number}"))
        assert len(await t.sends.page(SendFilter(text="customer 00"))) == 10
        for ask in (t.sends.page(SendFilter(text="customer")), t.sends.count(SendFilter(text="customer"), 5)):
            with pytest.raises(BadInput, match="50 customers") as refused:
                await ask
            assert refused.value.code == "TOO_MANY_CUSTOMERS"
        assert len(await t.sends.customers("customer", 60)) == MOST_CUSTOMERS + 1


async def test_a_very_long_name_is_stored_and_found_by_its_beginning(transactions: Transactions) -> None:
    """An entry of an index has a largest size."""
    async with transactions.begin("ten_1") as t:
        send = await t.sends.add(a_send(1))
        long = "Ж" * 9000
        await stored(t, replace(send, customer=long, job_number=long, work_order_number=long))
        assert [one.customer for one in await t.sends.page(SendFilter(text="ж" * 200))] == [long]
