"""Who has what on which work order, in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from core.model.account import AccountEntry, EntryState
from ports.accounts import Accounts


@dataclass(frozen=True, slots=True)
class StoredEntry:
    account: bytes
    owner: bytes
    entry: AccountEntry


class MemoryAccounts(Accounts):
    def __init__(self, rows: dict[str, StoredEntry]) -> None:
        self._rows = rows

    async def others(self, account: bytes, connection_id: str, *, lock: bool = False) -> Sequence[AccountEntry]:
        mine = _owner(connection_id)
        return [row.entry for row in self._rows.values() if row.account == account and row.owner != mine]

    async def enter(
        self, account: bytes, connection_id: str, lines: Mapping[str, tuple[bytes, EntryState]]
    ) -> None:
        mine = _owner(connection_id)
        for line_id, (item, state) in lines.items():
            if line_id in self._rows and self._rows[line_id].owner != mine:
                continue
            self._rows[line_id] = StoredEntry(account, mine, AccountEntry(item, state))

    async def leave(self, line_ids: Collection[str]) -> None:
        for line_id in line_ids:
            self._rows.pop(line_id, None)

    async def posted_by_former(self, keys: Collection[bytes]) -> Sequence[bytes]:
        return ()


def _owner(connection_id: str) -> bytes:
    return hashlib.sha256(connection_id.encode()).digest()
