"""Enter cost lines on the account of their work order, where other connections and tenants see them."""

from __future__ import annotations

from collections.abc import Iterable

from core.model.connections.connection import Connection
from core.model.planning.account import entry_key, own_account_keys, state_of
from core.model.work_orders.cost_line import LedgerLine
from ports.storage.transactions import TenantTransaction


async def enter_lines(t: TenantTransaction, connection: Connection, lines: Iterable[LedgerLine]) -> None:
    """Enter lines in the transaction that stores them; remove lines that were given back.

    They are also entered under this Spectrum's former addresses, for connections that still use one of these.
    """
    by_number: dict[str, list[LedgerLine]] = {}
    for line in lines:
        by_number.setdefault(line.work_order_number, []).append(line)
    for number, group in by_number.items():
        await t.ledger.leave([line.id for line in group if not line.takes_place])
        placed = [line for line in group if line.takes_place]
        for account in own_account_keys(connection, number) if placed else ():
            seen = {line.id: (entry_key(account, line.item_id), state_of(line)) for line in placed}
            await t.ledger.enter(account, connection.id, seen)
