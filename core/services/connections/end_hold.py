"""End a connection's hold because its cause is fixed; every send that waited continues."""

from __future__ import annotations

from datetime import datetime

from ports.storage.transactions import TenantTransaction


async def end_hold(t: TenantTransaction, connection_id: str, now: datetime) -> None:
    """Remove the hold, make due the sends that waited for its end, and wake the connection.

    Call this before saving a send: a worker also locks the connection first and its send second.
    """
    hold = (await t.connections.get(connection_id)).hold
    await t.connections.set_hold(connection_id, None)
    if hold and hold.until:
        await t.sends.release(connection_id, hold.until, now)
    await t.connections.wake(connection_id, now)
