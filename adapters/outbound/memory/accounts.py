"""The owners of the lines on each work order, in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence

from adapters.outbound.memory.rows import Repository, StoredEntry
from core.model.planning.account import AccountEntry, EntryState
from ports.storage.accounts import Accounts


class MemoryAccounts(Repository, Accounts):
    async def others(
        self, accounts: Sequence[bytes], connection_id: str, *, lock: bool = False
    ) -> Sequence[AccountEntry]:
        mine = _owner(connection_id)
        return [
            row.entry for row in self._rows.accounts.values() if row.entry.account in accounts and row.owner != mine
        ]

    async def enter(self, account: bytes, connection_id: str, lines: Mapping[str, tuple[bytes, EntryState]]) -> None:
        mine = _owner(connection_id)
        for line_id, (item, state) in lines.items():
            there = self._rows.accounts.get((line_id, account))
            if there is None or there.owner == mine:
                self._rows.accounts[line_id, account] = StoredEntry(mine, AccountEntry(account, item, state))

    async def leave(self, line_ids: Collection[str]) -> None:
        for key in [key for key in self._rows.accounts if key[0] in line_ids]:
            del self._rows.accounts[key]


def _owner(connection_id: str) -> bytes:
    return hashlib.sha256(connection_id.encode()).digest()
