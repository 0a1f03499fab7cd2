"""Doubts: the lines that may or may not have been posted, with the data that helps to find out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.model.connections.connection import Connection
from core.model.sending.send import Attempt, Send
from core.model.shared.position import Position
from core.model.work_orders.cost_line import LedgerLine
from ports.storage.transactions import Transactions


@dataclass(frozen=True, slots=True)
class Doubt:
    """`attempt` holds the request and the answer, secrets masked; None if the worker died in between."""

    line: LedgerLine
    connection: Connection
    send: Send
    attempt: Attempt | None


class ListDoubts:
    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def __call__(
        self, tenant_id: str, *, connection: str | None = None, limit: int = 100, after: Position | None = None
    ) -> Sequence[Doubt]:
        """All doubts, the oldest first. `connection` is a slug; raises NotFound if it is unknown."""
        doubts = []
        async with self._transactions.begin(tenant_id) as t:
            connections = {one.id: one for one in await t.connections.all()}
            only = (await t.connections.by_slug(connection)).id if connection else None
            for line in await t.ledger.doubts(connection_id=only, limit=limit, after=after):
                attempts = [one for one in await t.sends.attempts(line.send_id) if one.line_id == line.id]
                last = attempts[-1] if attempts and attempts[-1].started_at == line.sent_at else None
                doubts.append(Doubt(line, connections[line.connection_id], await t.sends.get(line.send_id), last))
        return doubts
