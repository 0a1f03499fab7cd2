"""One send with its connection, attempts and cost lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.model.connections.connection import Connection
from core.model.sending.send import Attempt, Send
from core.model.work_orders.cost_line import LedgerLine
from core.services.service import Service


@dataclass(frozen=True, slots=True)
class SendDetails:
    send: Send
    connection: Connection
    attempts: Sequence[Attempt]
    lines: Sequence[LedgerLine] = ()


class ShowSend(Service):
    async def __call__(self, tenant_id: str, send_id: str) -> SendDetails:
        """Raises NotFound."""
        async with self._transactions.begin(tenant_id) as t:
            send = await t.sends.get(send_id)
            lines = await t.ledger.of_send(send_id)
            return SendDetails(
                send,
                await t.connections.get(send.connection_id),
                await t.sends.attempts(send_id),
                # Of former plans, only lines that are or may be in Spectrum.
                [line for line in lines if line.takes_place or line.plan_id == send.plan_id],
            )
