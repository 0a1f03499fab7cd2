"""One suite, in memory and in PostgreSQL, for what all connections and tenants have on a work order of Spectrum."""

from __future__ import annotations

import pytest

from core.model.connections.connection import ConnectionSecrets
from core.model.planning.account import AccountEntry, EntryState
from core.model.shared.secret import Secret
from ports.storage.transactions import Transactions
from tests.support.storage_scene import a_connection, a_line, a_send

OPEN, STANDS = EntryState.OPEN, EntryState.STANDS
ACCOUNT, OTHER_ACCOUNT = b"account", b"other account"


@pytest.fixture
async def transactions(transactions: Transactions) -> Transactions:
    """Both tenants have something there, ten_1 on two connections."""
    async with transactions.begin("ten_1") as t:
        await t.connections.add(a_connection(3, tenant=1), ConnectionSecrets(Secret("another")))
        await t.ledger.enter(ACCOUNT, "con_1", {"lin_1": (b"a", OPEN), "lin_2": (b"b", STANDS)})
        await t.ledger.enter(ACCOUNT, "con_3", {"lin_3": (b"b", OPEN)})
    async with transactions.begin("ten_2") as t:
        await t.ledger.enter(ACCOUNT, "con_2", {"lin_4": (b"c", STANDS)})
        await t.ledger.enter(OTHER_ACCOUNT, "con_2", {"lin_5": (b"d", STANDS)})
    return transactions


async def others(
    transactions: Transactions, connection_id: str, *accounts: bytes, lock: bool = False
) -> set[AccountEntry]:
    tenant = "ten_2" if connection_id == "con_2" else "ten_1"
    async with transactions.begin(tenant) as t:
        found = await t.ledger.entries_of_others(accounts or [ACCOUNT], connection_id, lock=lock)
    return set(found)


@pytest.mark.parametrize("lock", [False, True])
async def test_everybody_sees_what_the_others_have_and_nobody_himself(transactions: Transactions, lock: bool) -> None:
    first, second = AccountEntry(ACCOUNT, b"a", OPEN), AccountEntry(ACCOUNT, b"b", STANDS)
    third, fourth = AccountEntry(ACCOUNT, b"b", OPEN), AccountEntry(ACCOUNT, b"c", STANDS)
    assert await others(transactions, "con_1", lock=lock) == {third, fourth}
    assert await others(transactions, "con_3", lock=lock) == {first, second, fourth}
    assert await others(transactions, "con_2", lock=lock) == {first, second, third}
    assert await others(transactions, "con_9", lock=lock) == {first, second, third, fourth}
    assert await others(transactions, "con_1", OTHER_ACCOUNT, lock=lock) == {AccountEntry(OTHER_ACCOUNT, b"d", STANDS)}
    assert await others(transactions, "con_1", b"nobody's", lock=lock) == set()
    both = {third, fourth, AccountEntry(OTHER_ACCOUNT, b"d", STANDS)}
    assert await others(transactions, "con_1", ACCOUNT, OTHER_ACCOUNT, lock=lock) == both


async def test_a_line_that_is_entered_again_has_its_new_state(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        await t.ledger.enter(ACCOUNT, "con_1", {"lin_1": (b"a", STANDS), "lin_2": (b"b", OPEN)})
    seen = await others(transactions, "con_2")
    first, second = AccountEntry(ACCOUNT, b"a", STANDS), AccountEntry(ACCOUNT, b"b", OPEN)
    assert seen == {first, second}, "that of con_3 looks the same as lin_2"


async def test_a_line_may_stand_on_several_accounts_and_leaves_them_all(transactions: Transactions) -> None:
    """Spectrum was reached under two addresses."""
    new = AccountEntry(b"new account", b"z", STANDS)
    async with transactions.begin("ten_1") as t:
        await t.ledger.enter(b"new account", "con_1", {"lin_1": (b"z", STANDS)})
    assert await others(transactions, "con_2", b"new account") == {new}
    assert AccountEntry(ACCOUNT, b"a", OPEN) in await others(transactions, "con_2"), "under the old one as before"
    async with transactions.begin("ten_1") as t:
        await t.ledger.leave(["lin_1"])
    assert not {new, AccountEntry(ACCOUNT, b"a", OPEN)} & await others(transactions, "con_2", b"new account", ACCOUNT)


async def test_nobody_enters_anything_in_place_of_anothers_line(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        await t.ledger.enter(ACCOUNT, "con_1", {"lin_4": (b"c", OPEN)})
    assert AccountEntry(ACCOUNT, b"c", STANDS) in await others(transactions, "con_1")


async def test_what_leaves_is_gone_and_leaving_again_is_no_error(transactions: Transactions) -> None:
    for _ in range(2):
        async with transactions.begin("ten_1") as t:
            await t.ledger.leave(["lin_1", "lin_3", "lin_9"])
    assert await others(transactions, "con_2") == {AccountEntry(ACCOUNT, b"b", STANDS)}
    async with transactions.begin("ten_1") as t:
        await t.ledger.leave([])
        await t.ledger.enter(ACCOUNT, "con_1", {})
    assert await others(transactions, "con_2") == {AccountEntry(ACCOUNT, b"b", STANDS)}


async def test_what_a_removed_connection_posted_stays_and_is_seen_by_its_successor(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        await t.sends.add(a_send())
        await t.ledger.save([a_line(2)])
        await t.connections.remove("con_1")
    assert AccountEntry(ACCOUNT, b"b", STANDS) in await others(transactions, "con_2")
    assert AccountEntry(ACCOUNT, b"b", STANDS) in await others(transactions, "con_4")


async def test_what_was_entered_by_a_transaction_that_failed_is_not_there(transactions: Transactions) -> None:
    with pytest.raises(ZeroDivisionError):
        async with transactions.begin("ten_1") as t:
            await t.ledger.enter(ACCOUNT, "con_1", {"lin_9": (b"x", OPEN)})
            raise ZeroDivisionError
    assert AccountEntry(ACCOUNT, b"x", OPEN) not in await others(transactions, "con_2")
