"""The ledger of cost lines, in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from core.model.cost_line import BY_HAND, TO_POST, LedgerLine, LineState
from core.model.errors import Conflict, NotFound, SendChanged
from core.model.finding import Finding
from core.model.position import Position
from ports.ledger import Ledger


class MemoryLedger(Ledger):
    def __init__(self, rows: dict[str, LedgerLine], tenant_id: str) -> None:
        self._rows = rows
        self._tenant_id = tenant_id

    async def of_job(self, connection_id: str, job_id: str) -> Sequence[LedgerLine]:
        return sorted(self._of_job(connection_id, job_id), key=lambda line: (line.item_id, line.round))

    async def of_connection(self, connection_id: str) -> Sequence[LedgerLine]:
        return [line for line in self._ours() if line.connection_id == connection_id and not line.state.open]

    async def enter_by_hand(self, send_id: str, *, by: str, reason: str, at: datetime) -> None:
        for line in await self.of_send(send_id):
            if line.state.open:
                self._rows[line.id] = replace(
                    line,
                    state=LineState.POSTED, attempt_id=BY_HAND, settled_by=by, settled_reason=reason, settled_at=at,
                )  # fmt: skip

    async def of_send(self, send_id: str) -> Sequence[LedgerLine]:
        found = (line for line in self._ours() if line.send_id == send_id)
        return sorted(found, key=lambda line: (line.place, line.item_id, line.round))

    async def next_of_send(self, send_id: str) -> LedgerLine | None:
        lines = await self.of_send(send_id)
        held_back = {
            (line.item_id, later.round)
            for line in lines
            for later in lines
            if line.item_id == later.item_id and line.round < later.round and line.state is not LineState.POSTED
        }
        ready = (line for line in lines if line.state in TO_POST and (line.item_id, line.round) not in held_back)
        return next(ready, None)

    async def get(self, line_id: str) -> LedgerLine:
        found = self._rows.get(line_id)
        if found is None or found.tenant_id != self._tenant_id:
            raise NotFound(f"There is no line {line_id}.", code="LINE_NOT_FOUND")
        return found

    async def plan(self, connection_id: str, job_id: str, lines: Sequence[LedgerLine]) -> None:
        standing = {_identity(line): line for line in self._ours() if line.connection_id == connection_id}
        for line in lines:
            row = standing.get(_identity(line))
            if row and not (row.state.open and row.job_id == job_id):
                raise SendChanged(f"A line of the item {line.item_id} stands in the ledger already.")
        for row in list(self._of_job(connection_id, job_id)):
            if row.state.open:
                del self._rows[row.id]
        for line in lines:
            row = standing.get(_identity(line))
            kept = row.id if row else line.id
            self._rows[kept] = replace(line, id=kept)

    async def begin(
        self, line_id: str, *, send_id: str, attempt_id: str, epoch: int, payload_hash: str,
        send_by: timedelta, quiet: timedelta,
    ) -> LedgerLine:  # fmt: skip
        found = self._rows.get(line_id)
        mine = found is not None and found.tenant_id == self._tenant_id and found.send_id == send_id
        if found is None or not mine or not found.state.open:
            raise SendChanged(f"The line {line_id} is no longer this send's to post.")
        now = datetime.now(UTC)
        self._rows[line_id] = begun = replace(
            found,
            state=LineState.SENDING, attempt_id=attempt_id, sent_at=now, send_by=now + send_by, quiet_until=now + quiet,
            settled_at=None, system_key=None, findings=(), settled_by=None, settled_reason=None,
        )  # fmt: skip
        return begun

    async def answer(
        self, line_id: str, attempt_id: str, state: LineState, *, findings: Sequence[Finding] = (),
        system_key: str | None = None,
    ) -> LineState | None:  # fmt: skip
        found = self._rows.get(line_id)
        if found is None or found.tenant_id != self._tenant_id:
            return None
        if found.attempt_id != attempt_id or not found.state.unclear:
            return None
        self._rows[line_id] = replace(found, state=state, findings=tuple(findings), system_key=system_key)
        return found.state

    async def settle(self, line_id: str, state: LineState, *, by: str, reason: str, at: datetime) -> LedgerLine:
        found = await self.get(line_id)
        if found.state is not LineState.IN_DOUBT:
            raise Conflict(f"The line {line_id} is {found.state.value}.", code="LINE_NOT_IN_DOUBT")
        self._rows[line_id] = settled = replace(
            found, state=state, settled_by=by, settled_reason=reason, settled_at=at
        )
        return settled

    async def unclear_on(self, connection_id: str, work_order_number: str) -> Sequence[LedgerLine]:
        found = (
            line
            for line in self._ours()
            if line.connection_id == connection_id
            and line.work_order_number == work_order_number
            and line.state.unclear
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

    def _of_job(self, connection_id: str, job_id: str) -> Iterator[LedgerLine]:
        return (line for line in self._ours() if (line.connection_id, line.job_id) == (connection_id, job_id))

    def _ours(self) -> Iterator[LedgerLine]:
        return (line for line in self._rows.values() if line.tenant_id == self._tenant_id)


def _identity(line: LedgerLine) -> tuple[str, str, int]:
    return line.work_order_number, line.item_id, line.round


def _position(line: LedgerLine) -> Position:
    return Position(line.sent_at or datetime.max.replace(tzinfo=UTC), line.id)
