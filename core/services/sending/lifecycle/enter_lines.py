"""Enter cost lines on the account of their work order, where other connections and tenants see them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from core.model.connections.connection import Connection
from core.model.planning.account import entry_key, own_account_keys, state_of
from core.model.work_orders.cost_line import LedgerLine
from ports.storage.send_changes import AccountLine
from ports.storage.transactions import TenantTransaction


def account_lines(connection: Connection, lines: Iterable[LedgerLine]) -> Iterator[AccountLine]:
    """The lines' entries, to be stored together with the lines. Lines that were given back leave the accounts.

    They are also entered under this Spectrum's former addresses, for connections that still use one of these.
    """
    accounts: dict[str, tuple[bytes, ...]] = {}
    for line in lines:
        if not line.takes_place:
            yield AccountLine(line.id)
            continue
        number = line.work_order_number
        if number not in accounts:
            accounts[number] = tuple(own_account_keys(connection, number))
        for account in accounts[number]:
            yield AccountLine(line.id, account, entry_key(account, line.item_id), state_of(line))


async def enter_lines(t: TenantTransaction, connection: Connection, lines: Iterable[LedgerLine]) -> None:
    """Enter lines in the transaction that stores them; remove lines that were given back."""
    entries = list(account_lines(connection, lines))
    await t.ledger.leave([entry.line_id for entry in entries if entry.state is None])
    for account in sorted({entry.account for entry in entries if entry.state}):
        seen = {one.line_id: (one.item, one.state) for one in entries if one.account == account and one.state}
        await t.ledger.enter(account, connection.id, seen)
