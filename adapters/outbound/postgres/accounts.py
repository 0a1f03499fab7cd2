"""The owners of the lines on each work order. They are read by database functions; the rows are not accessible."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Boolean, LargeBinary, Text, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from core.model.planning.account import AccountEntry, EntryState
from ports.storage.accounts import Accounts

_IDS = bindparam("ids", type_=ARRAY(Text))
_ITEMS = bindparam("items", type_=ARRAY(LargeBinary))
_STAND = bindparam("stand", type_=ARRAY(Boolean))


class PostgresAccounts(Accounts):
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def others(
        self, accounts: Sequence[bytes], connection_id: str, *, lock: bool = False
    ) -> Sequence[AccountEntry]:
        entries: list[AccountEntry] = []
        for account in accounts:  # one; more only if Spectrum's address was changed
            rows = func.account_others(account, _owner(connection_id), lock).table_valued("item", "stands")
            for item, stands in await self._connection.execute(select(rows.c.item, rows.c.stands)):
                entries.append(AccountEntry(account, item, EntryState.STANDS if stands else EntryState.OPEN))
        return entries

    async def enter(self, account: bytes, connection_id: str, lines: Mapping[str, tuple[bytes, EntryState]]) -> None:
        await self._connection.execute(
            select(func.account_enter(account, _owner(connection_id), _IDS, _ITEMS, _STAND)),
            {
                "ids": list(lines),
                "items": [item for item, _ in lines.values()],
                "stand": [state is EntryState.STANDS for _, state in lines.values()],
            },
        )

    async def leave(self, line_ids: Collection[str]) -> None:
        await self._connection.execute(select(func.account_leave(_IDS)), {"ids": list(line_ids)})


def _owner(connection_id: str) -> bytes:
    """Ids are random, so the hash does not reveal the connection."""
    return hashlib.sha256(connection_id.encode()).digest()
