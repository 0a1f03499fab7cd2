"""One suite, in memory and in PostgreSQL: who uses a work order number, across tenants."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ports.storage.transactions import Transactions
from ports.storage.work_orders import WorkOrders

NUMBER = b"number"
OWNERS = {b"mine": "ten_1", b"theirs": "ten_2", b"third": "ten_2"}
Act = tuple[str, bytes]


async def act(work_orders: WorkOrders, what: str, owner: bytes) -> None:
    match what:
        case "claim":
            await work_orders.claim_number(NUMBER, owner)
        case "adopt":
            assert await work_orders.claim_number(NUMBER, owner, adopt=True)
        case "accept":
            await work_orders.accept_number(NUMBER, owner)
        case "give back":
            await work_orders.give_back_number(NUMBER, owner)


async def after(transactions: Transactions, acts: Sequence[Act]) -> tuple[bytes | None, bool]:
    """Do these, each in a transaction of the owner's tenant. Gives whose the number is, and whether for good."""
    for what, owner in acts:
        async with transactions.begin(OWNERS[owner]) as t:
            await act(t.work_orders, what, owner)
    free = set()
    accepted = set()
    for owner, tenant in OWNERS.items():
        async with transactions.begin(tenant) as t:
            if not await t.work_orders.number_taken(NUMBER, owner):
                free.add(owner)
            if await t.work_orders.number_accepted(NUMBER, owner):
                accepted.add(owner)
    if free == set(OWNERS):
        assert accepted == set()
        return None, False
    [owner] = free
    assert accepted <= {owner}
    return owner, bool(accepted)


@pytest.mark.parametrize(
    ("acts", "end"),
    [
        ([], (None, False)),
        ([("claim", b"mine")], (b"mine", False)),
        ([("claim", b"mine"), ("accept", b"mine")], (b"mine", True)),
        ([("accept", b"mine")], (b"mine", True)),
        ([("claim", b"mine"), ("give back", b"mine")], (None, False)),
        ([("claim", b"mine"), ("accept", b"mine"), ("give back", b"mine")], (b"mine", True)),
        ([("accept", b"mine"), ("claim", b"mine")], (b"mine", True)),
        ([("accept", b"mine"), ("claim", b"mine"), ("give back", b"mine")], (b"mine", True)),
        ([("accept", b"mine"), ("adopt", b"mine")], (b"mine", True)),
        ([("claim", b"mine"), ("claim", b"theirs")], (b"mine", False)),
        ([("claim", b"mine"), ("accept", b"theirs")], (b"mine", False)),
        ([("claim", b"mine"), ("give back", b"theirs")], (b"mine", False)),
    ],
)
async def test_a_claim_can_be_given_back_until_a_write_under_it_was_accepted(
    transactions: Transactions, acts: Sequence[Act], end: tuple[bytes | None, bool]
) -> None:
    assert await after(transactions, acts) == end


@pytest.mark.parametrize(
    ("acts", "end"),
    [
        ([], (b"theirs", False)),
        ([("give back", b"theirs")], (b"mine", True)),
        ([("accept", b"theirs")], (b"theirs", True)),
        ([("accept", b"theirs"), ("give back", b"theirs")], (b"theirs", True)),
        ([("give back", b"mine")], (b"theirs", False)),
        ([("accept", b"mine")], (b"theirs", False)),
        ([("claim", b"theirs"), ("give back", b"theirs")], (b"mine", True)),
        ([("adopt", b"theirs"), ("give back", b"theirs")], (b"mine", True)),
        ([("adopt", b"third"), ("give back", b"third")], (b"mine", True)),
        ([("adopt", b"third"), ("accept", b"third"), ("give back", b"third")], (b"third", True)),
        ([("adopt", b"mine"), ("give back", b"mine")], (b"mine", True)),
        ([("accept", b"theirs"), ("adopt", b"third"), ("give back", b"third")], (b"theirs", True)),
    ],
)
async def test_a_number_that_was_adopted_returns_to_the_last_owner_spectrum_accepted(
    transactions: Transactions, acts: Sequence[Act], end: tuple[bytes | None, bool]
) -> None:
    """It was mine for good, and they took it over."""
    before: list[Act] = [("accept", b"mine"), ("adopt", b"theirs")]
    assert await after(transactions, [*before, *acts]) == end


async def test_a_claim_that_never_counted_is_not_returned_to(transactions: Transactions) -> None:
    acts = [("claim", b"mine"), ("adopt", b"theirs"), ("give back", b"theirs")]
    assert await after(transactions, acts) == (None, False)


async def test_claiming_says_whether_one_has_it_now(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        assert await t.work_orders.claim_number(NUMBER, b"mine")
        assert await t.work_orders.claim_number(NUMBER, b"mine"), "again"
        assert await t.work_orders.claim_number(b"another", b"mine")
    async with transactions.begin("ten_2") as t:
        assert not await t.work_orders.claim_number(NUMBER, b"theirs")
        assert await t.work_orders.claim_number(NUMBER, b"theirs", adopt=True)
    async with transactions.begin("ten_1") as t:
        assert not await t.work_orders.claim_number(NUMBER, b"mine")
        assert not await t.work_orders.number_taken(b"another", b"mine")
