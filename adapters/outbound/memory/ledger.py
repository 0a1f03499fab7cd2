"""The ledger of cost lines, in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from adapters.outbound.memory.repository import Repository
from adapters.outbound.memory.rows import StoredEntry
from core.model.planning.account import AccountEntry, EntryState
from core.model.shared.errors import NotFound, SendChanged
from core.model.shared.position import Position
from core.model.work_orders.cost_line import LedgerLine, LineState
from ports.storage.ledger import Ledger


class MemoryLedger(Repository, Ledger):
    async def on_account(self, connection_id: str, job_id: str, work_order_number: str) -> Sequence[LedgerLine]:
        found = (
            line
            for line in self._on(connection_id)
            if line.takes_place and (line.job_id == job_id or line.work_order_number == work_order_number)
        )
        return sorted(found, key=lambda line: (line.item_id, line.round))

    async def placed(self, connection_id: str) -> Sequence[LedgerLine]:
        found = (line for line in self._on(connection_id) if line.takes_place)
        return sorted(found, key=lambda line: (line.work_order_number, line.id))

    async def of_send(self, send_id: str) -> Sequence[LedgerLine]:
        found = (line for line in self._ours() if line.send_id == send_id)
        return sorted(found, key=lambda line: (line.place, line.item_id, line.round))

    async def of_sends(self, send_ids: Collection[str]) -> Sequence[LedgerLine]:
        return [line for line in self._ours() if line.send_id in send_ids]

    async def holder(self, connection_id: str, work_order_number: str, *, beside: str) -> str | None:
        owed = sorted(
            line.send_id
            for line in self._on(connection_id)
            if line.work_order_number == work_order_number and line.owed and line.send_id not in ("", beside)
        )
        return owed[0] if owed else None

    async def get(self, line_id: str) -> LedgerLine:
        found = self._rows.ledger.get(line_id)
        if found is None or found.tenant_id != self._tenant_id:
            raise NotFound(f"There is no line {line_id}.", code="LINE_NOT_FOUND")
        return found

    async def save(self, lines: Collection[LedgerLine]) -> None:
        for line in lines:
            others = (other for other in self._on(line.connection_id) if other.takes_place and other.id != line.id)
            if line.takes_place and _identity(line) in map(_identity, others):
                raise SendChanged(f"A line of the item {line.item_id} is already in the ledger.")
            self._rows.ledger[line.id] = line

    async def give_back(self, send_id: str) -> Sequence[str]:
        freed = []
        for line in await self.of_send(send_id):
            if not line.state.open:
                continue
            if line.given_back and line.state is LineState.PLANNED:
                del self._rows.ledger[line.id]
            elif line.takes_place:
                freed.append(line.id)
                self._rows.ledger[line.id] = replace(line, given_back=True)
        return freed

    async def unclear_on(self, connection_id: str, work_order_number: str) -> Sequence[LedgerLine]:
        found = (
            line
            for line in self._on(connection_id)
            if line.work_order_number == work_order_number and line.state.unclear
        )
        return sorted(found, key=lambda line: line.id)

    async def doubts(
        self, *, connection_id: str | None = None, limit: int = 100, after: Position | None = None
    ) -> Sequence[LedgerLine]:
        found = (
            line
            for line in self._ours()
            if line.state is LineState.IN_DOUBT and connection_id in (None, line.connection_id)
        )
        ordered = sorted(found, key=_position)
        return [line for line in ordered if after is None or _position(line) > after][:limit]

    async def entries_of_others(
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

    def _on(self, connection_id: str) -> Iterator[LedgerLine]:
        return (line for line in self._ours() if line.connection_id == connection_id)

    def _ours(self) -> Iterator[LedgerLine]:
        return (line for line in self._rows.ledger.values() if line.tenant_id == self._tenant_id)


def _identity(line: LedgerLine) -> tuple[str, str, int]:
    return line.work_order_number, line.item_id, line.round


def _position(line: LedgerLine) -> Position:
    return Position(line.sent_at or datetime.max.replace(tzinfo=UTC), line.id)


def _owner(connection_id: str) -> bytes:
    return hashlib.sha256(connection_id.encode()).digest()
