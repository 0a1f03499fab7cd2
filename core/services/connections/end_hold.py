"""Somebody says that what a connection was held for is mended: everything that waited for it goes on now."""

from __future__ import annotations

from datetime import datetime

from ports.storage.transactions import TenantTransaction


async def end_hold(t: TenantTransaction, connection_id: str, now: datetime) -> None:
    """Take the hold off, make due what was to be tried at its end, and wake the connection.

    Comes before any save of a send: a worker, too, takes the connection first and its send second.
    """
    hold = (await t.connections.get(connection_id)).hold
    await t.connections.set_hold(connection_id, None)
    if hold and hold.until:
        await t.sends.release(connection_id, hold.until, now)
    await t.connections.set_due(connection_id, now, only_earlier=True)
    await t.queue.wake(connection_id)
