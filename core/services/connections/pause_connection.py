"""Pause and resume a connection. Resuming also ends a hold, because the person confirms that its cause is fixed."""

from __future__ import annotations

import structlog

from core.model.connections.connection import Connection
from core.model.operations.audit import AuditEntry
from core.services.connections.end_hold import end_hold
from core.services.service import Service

_log = structlog.get_logger()


class PauseConnection(Service):
    async def __call__(self, tenant_id: str, slug: str, *, paused: bool, by: str = "operator") -> Connection:
        """Pause or resume. Sends that are requested during a pause wait. Raises NotFound (CONNECTION_NOT_FOUND)."""
        async with self._transactions.begin(tenant_id) as t:
            connection = await t.connections.by_slug(slug)
            await t.connections.set_paused(connection.id, paused)
            if not paused:
                await end_hold(t, connection.id, await t.now())
            connection = await t.connections.get(connection.id)
            action = "connection.paused" if paused else "connection.resumed"
            await t.audit.record(AuditEntry(self._clock.now(), by, action, connection.id, {"connection": slug}))
        _log.info(action, tenant_id=tenant_id, connection=slug)
        return connection
