"""One suite, in memory and in PostgreSQL: who uses a work order number, across tenants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from core.model.sending.lifecycle.event import NumberClaim
from ports.storage.send_changes import NumberTaken, Standing, StandingQuery
from ports.storage.transactions import Transactions
from tests.support.storage_scene import a_send, stored

NUMBER = b"number"


@dataclass(frozen=True, slots=True)
class Owner:
    """A job whose sends claim numbers. `send_id` is one of them."""

    name: bytes
    tenant_id: str
    connection_id: str
    send_id: str


OWNERS = {
    one.name: one
    for one in (
        Owner(b"mine", "ten_1", "con_1", "snd_1"),
        Owner(b"theirs", "ten_2", "con_2", "snd_2"),
        Owner(b"third", "ten_2", "con_2", "snd_3"),
    )
}
Act = tuple[str, bytes]


@pytest.fixture
async def transactions(transactions: Transactions) -> Transactions:
    """Each owner has a send."""
    for owner in OWNERS.values():
        async with transactions.begin(owner.tenant_id) as t:
            send = a_send(id=owner.send_id, tenant_id=owner.tenant_id, connection_id=owner.connection_id)
            await t.sends.add(send)
    return transactions


async def act(transactions: Transactions, what: str, name: bytes, number: bytes = NUMBER) -> None:
    """Raises NumberTaken."""
    owner, claim = OWNERS[name], NumberClaim((number,), name)
    parts = {
        "claim": {"take": claim},
        "adopt": {"take": NumberClaim((number,), name, adopt=True)},
        "accept": {"accept": claim},
        "give back": {"give_back": claim},
    }
    async with transactions.begin(owner.tenant_id) as t:
        await stored(t, await t.sends.get(owner.send_id), **parts[what])


async def standing(transactions: Transactions, name: bytes, *numbers: bytes) -> Standing:
    owner, keys = OWNERS[name], numbers or (NUMBER,)
    query = StandingQuery(connection_id=owner.connection_id, job_id="1", number="T1", claim_keys=keys, owner=name)
    return await transactions.standing(owner.tenant_id, query)


async def has_it(transactions: Transactions, acts: Sequence[Act]) -> tuple[bytes | None, bool]:
    """Do these one after the other. Gives whose the number is, and whether for good."""
    for what, name in acts:
        await act(transactions, what, name)
    found = {name: await standing(transactions, name) for name in OWNERS}
    free = {name for name, one in found.items() if not one.taken}
    accepted = {name for name, one in found.items() if one.accepted}
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
        ([("claim", b"mine"), ("accept", b"theirs")], (b"mine", False)),
        ([("claim", b"mine"), ("give back", b"theirs")], (b"mine", False)),
    ],
)
async def test_a_claim_can_be_given_back_until_a_write_under_it_was_accepted(
    transactions: Transactions, acts: Sequence[Act], end: tuple[bytes | None, bool]
) -> None:
    assert await has_it(transactions, acts) == end


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
    assert await has_it(transactions, [*before, *acts]) == end


async def test_a_claim_that_never_counted_is_not_returned_to(transactions: Transactions) -> None:
    acts = [("claim", b"mine"), ("adopt", b"theirs"), ("give back", b"theirs")]
    assert await has_it(transactions, acts) == (None, False)


@pytest.mark.parametrize("before", [[("claim", b"mine")], [("accept", b"mine")]])
async def test_a_number_is_claimed_by_one_owner(transactions: Transactions, before: Sequence[Act]) -> None:
    owner = await has_it(transactions, [*before, ("claim", b"mine")])
    await act(transactions, "claim", b"mine", b"another")
    for name in (b"theirs", b"third"):
        with pytest.raises(NumberTaken):
            await act(transactions, "claim", name)
    assert await has_it(transactions, []) == owner
    assert await has_it(transactions, [("adopt", b"theirs")]) == (b"theirs", False)
    with pytest.raises(NumberTaken):
        await act(transactions, "claim", b"mine")
    assert not (await standing(transactions, b"mine", b"another")).taken


async def test_a_number_is_taken_if_one_of_its_keys_is(transactions: Transactions) -> None:
    await act(transactions, "accept", b"mine", b"another")
    keys = (NUMBER, b"another")
    found = {name: await standing(transactions, name, *keys) for name in OWNERS}
    assert [name for name, one in found.items() if one.taken] == [b"theirs", b"third"]
    assert [name for name, one in found.items() if one.accepted] == [b"mine"]
