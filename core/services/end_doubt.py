"""A line is no longer in doubt: whatever waited for that goes on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from core.model.send import SendState, Step
from ports.transactions import TenantTransaction


async def go_on_after_doubt(
    t: TenantTransaction, connection_id: str, work_order_number: str, now: datetime
) -> None:
    """Every send that waits for this work order's doubts goes on, unless another doubt is left."""
    if await t.ledger.unclear_on(connection_id, work_order_number):
        return
    waiting = await t.sends.waiting_on(connection_id, work_order_number)
    for send in waiting:
        await t.sends.save(
            replace(send, state=SendState.SENDING, step=Step.LINES, due_at=now, attempts=0, waits=0, finished_at=None)
        )
    if waiting:
        await t.connections.set_due(connection_id, now, only_earlier=True)
        await t.queue.wake(connection_id)
