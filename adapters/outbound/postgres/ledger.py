"""The ledger of cost lines. Each change of a line needs its connection's lock.

Accounts are read and changed by database functions: their rows are not accessible.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Boolean, LargeBinary, Select, Text, and_, bindparam, delete, func, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import IntegrityError

from adapters.outbound.postgres.records import line_of, line_values
from adapters.outbound.postgres.repository import Repository, owner_key
from adapters.outbound.postgres.server.failures import violates
from adapters.outbound.postgres.tables.sending import cost_lines
from core.model.planning.account import AccountEntry, EntryState
from core.model.shared.errors import NotFound, SendChanged
from core.model.shared.position import Position
from core.model.work_orders.cost_line import LedgerLine, LineState
from ports.storage.ledger import Ledger

_PLACE = "cost_lines_place"
_OPEN = tuple(state.value for state in LineState if state.open)
_UNCLEAR = tuple(state.value for state in LineState if state.unclear)
_IDS = bindparam("ids", type_=ARRAY(Text))
_ITEMS = bindparam("items", type_=ARRAY(LargeBinary))
_STAND = bindparam("stand", type_=ARRAY(Boolean))


class PostgresLedger(Repository, Ledger):
    async def on_account(self, connection_id: str, job_id: str, work_order_number: str) -> Sequence[LedgerLine]:
        query = select(cost_lines).where(
            self._ours(cost_lines, connection_id=connection_id),
            ~cost_lines.c.given_back,
            or_(cost_lines.c.job_id == job_id, cost_lines.c.work_order_number == work_order_number),
        )
        return await self._lines(query.order_by(cost_lines.c.item_id, cost_lines.c.round))

    async def placed(self, connection_id: str) -> Sequence[LedgerLine]:
        query = select(cost_lines).where(self._ours(cost_lines, connection_id=connection_id), ~cost_lines.c.given_back)
        return await self._lines(query.order_by(cost_lines.c.work_order_number, cost_lines.c.id))

    async def of_send(self, send_id: str) -> Sequence[LedgerLine]:
        query = select(cost_lines).where(self._ours(cost_lines, send_id=send_id))
        return await self._lines(query.order_by(cost_lines.c.place, cost_lines.c.item_id, cost_lines.c.round))

    async def of_sends(self, send_ids: Collection[str]) -> Sequence[LedgerLine]:
        query = select(cost_lines).where(self._ours(cost_lines), cost_lines.c.send_id.in_(send_ids))
        return await self._lines(query) if send_ids else []

    async def holder(self, connection_id: str, work_order_number: str, *, beside: str) -> str | None:
        owed = select(func.min(cost_lines.c.send_id)).where(
            self._ours(cost_lines, connection_id=connection_id, work_order_number=work_order_number),
            ~cost_lines.c.given_back,
            cost_lines.c.state != LineState.POSTED.value,
            cost_lines.c.send_id.not_in(("", beside)),
        )
        holder: str | None = await self._value(owed)
        return holder

    async def get(self, line_id: str) -> LedgerLine:
        fix = "List the lines in doubt to see their ids."
        missing = NotFound(f"There is no line {line_id}.", code="LINE_NOT_FOUND", fix=fix)
        return line_of(await self._row_or(missing, select(cost_lines).where(self._ours(cost_lines, id=line_id))))

    async def save(self, lines: Collection[LedgerLine]) -> None:
        for line in lines:
            try:
                await self._put(cost_lines, line_values(line), key=("id",))
            except IntegrityError as error:
                if not violates(error, _PLACE):
                    raise
                raise SendChanged(
                    f"A line of the item {line.item_id} is already in the ledger (round {line.round}).",
                    fix="Plan again.",
                ) from error

    async def give_back(self, send_id: str) -> Sequence[str]:
        own = self._ours(cost_lines, send_id=send_id)
        untried = and_(cost_lines.c.given_back, cost_lines.c.state == LineState.PLANNED.value)
        await self._run(delete(cost_lines).where(own, untried))
        freed = await self._connection.execute(
            update(cost_lines)
            .where(own, cost_lines.c.state.in_(_OPEN), ~cost_lines.c.given_back)
            .values(given_back=True)
            .returning(cost_lines.c.id)
        )
        return list(freed.scalars())

    async def unclear_on(self, connection_id: str, work_order_number: str) -> Sequence[LedgerLine]:
        query = select(cost_lines).where(
            self._ours(cost_lines, connection_id=connection_id, work_order_number=work_order_number),
            cost_lines.c.state.in_(_UNCLEAR),
        )
        return await self._lines(query.order_by(cost_lines.c.id))

    async def doubts(
        self, *, connection_id: str | None = None, limit: int = 100, after: Position | None = None
    ) -> Sequence[LedgerLine]:
        query = select(cost_lines).where(self._ours(cost_lines, state=LineState.IN_DOUBT.value))
        if connection_id is not None:
            query = query.where(cost_lines.c.connection_id == connection_id)
        if after is not None:
            query = query.where(tuple_(cost_lines.c.sent_at, cost_lines.c.id) > (after.at, after.id))
        return await self._lines(query.order_by(cost_lines.c.sent_at, cost_lines.c.id).limit(limit))

    async def entries_of_others(
        self, accounts: Sequence[bytes], connection_id: str, *, lock: bool = False
    ) -> Sequence[AccountEntry]:
        entries: list[AccountEntry] = []
        for account in accounts:  # one; more only if Spectrum's address was changed
            rows = func.account_others(account, owner_key(connection_id), lock).table_valued("item", "stands")
            for item, stands in await self._connection.execute(select(rows.c.item, rows.c.stands)):
                entries.append(AccountEntry(account, item, EntryState.STANDS if stands else EntryState.OPEN))
        return entries

    async def enter(self, account: bytes, connection_id: str, lines: Mapping[str, tuple[bytes, EntryState]]) -> None:
        await self._connection.execute(
            select(func.account_enter(account, owner_key(connection_id), _IDS, _ITEMS, _STAND)),
            {
                "ids": list(lines),
                "items": [item for item, _ in lines.values()],
                "stand": [state is EntryState.STANDS for _, state in lines.values()],
            },
        )

    async def leave(self, line_ids: Collection[str]) -> None:
        await self._connection.execute(select(func.account_leave(_IDS)), {"ids": list(line_ids)})

    async def _lines(self, query: Select[tuple[object]]) -> list[LedgerLine]:
        return [line_of(row) for row in await self._rows(query)]
