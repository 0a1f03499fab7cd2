"""The ledger of cost lines: every change says in its WHERE which state it starts from, so two never both win."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, RowMapping, Select, delete, exists, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.outbound.postgres.records import findings_values, line_of, line_values, storable
from adapters.outbound.postgres.tables import cost_lines
from core.model.cost_line import BY_HAND, TO_POST, LedgerLine, LineState
from core.model.errors import Conflict, NotFound, SendChanged
from core.model.finding import Finding
from core.model.position import Position
from ports.ledger import Ledger

_IDENTITY = ("connection_id", "work_order_number", "item_id", "round")
_OPEN = tuple(state.value for state in LineState if state.open)
_TO_POST = tuple(state.value for state in TO_POST)
_UNCLEAR = tuple(state.value for state in LineState if state.unclear)
_FORGOTTEN: dict[str, object] = {
    "attempt_id": None, "epoch": None, "payload_hash": None, "sent_at": None, "send_by": None, "quiet_until": None,
    "settled_at": None, "system_key": None, "findings": [], "settled_by": None, "settled_reason": None,
}  # fmt: skip
"""What an earlier try left in a row that is written anew."""


class PostgresLedger(Ledger):
    def __init__(self, connection: AsyncConnection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def of_job(self, connection_id: str, job_id: str) -> Sequence[LedgerLine]:
        query = self._of_job(connection_id, job_id).order_by(cost_lines.c.item_id, cost_lines.c.round)
        return await self._lines(query)

    async def of_connection(self, connection_id: str) -> Sequence[LedgerLine]:
        return await self._lines(
            select(cost_lines).where(
                self._mine(), cost_lines.c.connection_id == connection_id, cost_lines.c.state.not_in(_OPEN)
            )
        )

    async def enter_by_hand(self, send_id: str, *, by: str, reason: str, at: datetime) -> None:
        values = {
            "state": LineState.POSTED.value, "attempt_id": BY_HAND, "settled_by": by, "settled_reason": reason,
            "settled_at": at,
        }  # fmt: skip
        await self._connection.execute(
            update(cost_lines)
            .where(self._mine(), cost_lines.c.send_id == send_id, cost_lines.c.state.in_(_OPEN))
            .values(storable(values))
        )

    async def of_send(self, send_id: str) -> Sequence[LedgerLine]:
        query = select(cost_lines).where(self._mine(), cost_lines.c.send_id == send_id)
        return await self._lines(_in_order(query))

    async def next_of_send(self, send_id: str) -> LedgerLine | None:
        earlier = cost_lines.alias("earlier")
        held_back = exists().where(
            earlier.c.send_id == cost_lines.c.send_id,
            earlier.c.item_id == cost_lines.c.item_id,
            earlier.c.round < cost_lines.c.round,
            earlier.c.state != LineState.POSTED.value,
        )
        query = select(cost_lines).where(
            self._mine(), cost_lines.c.send_id == send_id, cost_lines.c.state.in_(_TO_POST), ~held_back
        )
        lines = await self._lines(_in_order(query).limit(1))
        return lines[0] if lines else None

    async def get(self, line_id: str) -> LedgerLine:
        return line_of(await self._one(line_id))

    async def plan(self, connection_id: str, job_id: str, lines: Sequence[LedgerLine]) -> None:
        # A job without rows has nothing to lock, so planners of one connection take turns on a lock of its own; whoever
        # comes second sees what the first one stored.
        await self._connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(connection_id, 0))))
        # Locked in one order, so that a verdict or an answer under way is waited for, and then seen.
        rows = await self._lines(self._of_job(connection_id, job_id).order_by(cost_lines.c.id).with_for_update())
        wanted = {(line.work_order_number, line.item_id, line.round) for line in lines}
        left = [
            row.id for row in rows
            if row.state.open and (row.work_order_number, row.item_id, row.round) not in wanted
        ]  # fmt: skip
        if left:
            await self._connection.execute(delete(cost_lines).where(self._mine(), cost_lines.c.id.in_(left)))
        for line in lines:
            values = line_values(line)
            taken_over = {name: value for name, value in values.items() if name not in ("id", "tenant_id", *_IDENTITY)}
            done = await self._connection.execute(
                insert(cost_lines)
                .values(values)
                .on_conflict_do_update(
                    index_elements=_IDENTITY,
                    set_=_FORGOTTEN | taken_over,
                    where=cost_lines.c.state.in_(_OPEN) & (cost_lines.c.job_id == job_id),
                )
                .returning(cost_lines.c.id)
            )
            if done.first() is None:
                raise _not_open(line)

    async def begin(
        self, line_id: str, *, send_id: str, attempt_id: str, epoch: int, payload_hash: str,
        send_by: timedelta, quiet: timedelta,
    ) -> LedgerLine:  # fmt: skip
        now = func.now()
        begun = await self._connection.execute(
            update(cost_lines)
            .where(
                self._mine(),
                cost_lines.c.id == line_id,
                cost_lines.c.send_id == send_id,
                cost_lines.c.state.in_(_OPEN),
            )
            .values(
                _FORGOTTEN
                | {
                    "state": LineState.SENDING.value, "attempt_id": attempt_id, "epoch": epoch,
                    "payload_hash": payload_hash, "sent_at": now, "send_by": now + send_by, "quiet_until": now + quiet,
                }
            )
            .returning(cost_lines)
        )  # fmt: skip
        row = begun.mappings().first()
        if row is None:
            raise SendChanged(f"The line {line_id} is no longer this send's to post.", fix="Look at it again.")
        return line_of(row)

    async def answer(
        self, line_id: str, attempt_id: str, state: LineState, *, findings: Sequence[Finding] = (),
        system_key: str | None = None,
    ) -> LineState | None:  # fmt: skip
        found = await self._connection.execute(
            select(cost_lines.c.state)
            .where(
                self._mine(),
                cost_lines.c.id == line_id,
                cost_lines.c.attempt_id == attempt_id,
                cost_lines.c.state.in_(_UNCLEAR),
            )
            .with_for_update()
        )
        former = found.scalar_one_or_none()
        if former is None:
            return None
        await self._change(line_id, state=state.value, findings=findings_values(findings), system_key=system_key)
        return LineState(former)

    async def settle(self, line_id: str, state: LineState, *, by: str, reason: str, at: datetime) -> LedgerLine:
        line = line_of(await self._one(line_id, lock=True))
        if line.state is not LineState.IN_DOUBT:
            raise Conflict(
                f"The line {line_id} is {line.state.value}, so there is no doubt to settle.",
                code="LINE_NOT_IN_DOUBT",
                fix="List the doubts that are left: jobferry doubts list.",
            )
        await self._change(line_id, state=state.value, settled_by=by, settled_reason=reason, settled_at=at)
        return line_of(await self._one(line_id))

    async def unclear_on(self, connection_id: str, work_order_number: str) -> Sequence[LedgerLine]:
        query = select(cost_lines).where(
            self._mine(),
            cost_lines.c.connection_id == connection_id,
            cost_lines.c.work_order_number == work_order_number,
            cost_lines.c.state.in_(_UNCLEAR),
        )
        return await self._lines(query.order_by(cost_lines.c.id).with_for_update())

    async def doubts(
        self, *, connection_id: str | None = None, limit: int = 100, after: Position | None = None
    ) -> Sequence[LedgerLine]:
        query = select(cost_lines).where(self._mine(), cost_lines.c.state == LineState.IN_DOUBT.value)
        if connection_id is not None:
            query = query.where(cost_lines.c.connection_id == connection_id)
        if after is not None:
            query = query.where(tuple_(cost_lines.c.sent_at, cost_lines.c.id) > (after.at, after.id))
        return await self._lines(query.order_by(cost_lines.c.sent_at, cost_lines.c.id).limit(limit))

    def _of_job(self, connection_id: str, job_id: str) -> Select[tuple[object]]:
        return select(cost_lines).where(
            self._mine(), cost_lines.c.connection_id == connection_id, cost_lines.c.job_id == job_id
        )

    async def _lines(self, query: Select[tuple[object]]) -> list[LedgerLine]:
        return [line_of(row) for row in (await self._connection.execute(query)).mappings()]

    async def _one(self, line_id: str, *, lock: bool = False) -> RowMapping:
        query = select(cost_lines).where(self._mine(), cost_lines.c.id == line_id)
        found = await self._connection.execute(query.with_for_update() if lock else query)
        row = found.mappings().first()
        if row is None:
            raise NotFound(
                f"There is no line {line_id}.", code="LINE_NOT_FOUND", fix="List those in doubt: jobferry doubts list."
            )
        return row

    async def _change(self, line_id: str, **values: object) -> None:
        await self._connection.execute(
            update(cost_lines).where(self._mine(), cost_lines.c.id == line_id).values(storable(values))
        )

    def _mine(self) -> ColumnElement[bool]:
        return cost_lines.c.tenant_id == self._tenant_id


def _in_order(query: Select[tuple[object]]) -> Select[tuple[object]]:
    return query.order_by(cost_lines.c.place, cost_lines.c.item_id, cost_lines.c.round)


def _not_open(line: LedgerLine) -> SendChanged:
    return SendChanged(
        f"A line of the item {line.item_id} stands in the ledger already (round {line.round}).", fix="Plan again."
    )
