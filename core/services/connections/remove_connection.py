"""Remove a connection. What it posted is kept as hashes, so a connection set up again posts nothing twice."""

from __future__ import annotations

import structlog

from core.model.connections.connection import Connection
from core.model.operations.audit import AuditEntry
from core.model.sending.send import SendState
from core.model.shared.errors import Conflict
from core.services.connections.change_connection import require_version
from core.services.service import Service
from ports.storage.transactions import TenantTransaction

_log = structlog.get_logger()
_UNDER_WAY = (*(state for state in SendState if not state.settled), SendState.IN_DOUBT)


class RemoveConnection(Service):
    async def __call__(self, tenant_id: str, slug: str, *, version: int | None, by: str) -> None:
        """Remove the connection; its sends, warnings and secrets are deleted permanently.

        Raises NotFound, OutOfDate, Conflict (CONNECTION_BUSY).
        """
        now = self._clock.now()
        async with self._transactions.begin(tenant_id) as t:
            connection = await t.connections.by_slug(slug)
            require_version(connection, version)
            await archive_and_remove(t, connection)
            detail = {"connection": slug, "company": connection.company_code}
            await t.audit.record(AuditEntry(now, by, "connection.removed", connection.id, detail))
        self._intent_mark.forget(connection.id)
        _log.info("connection.removed", tenant_id=tenant_id, connection=slug, by=by)


async def archive_and_remove(t: TenantTransaction, connection: Connection) -> None:
    """Delete the connection; what it posted stays on the accounts as hashes. Raises Conflict (CONNECTION_BUSY)."""
    await t.connections.raise_epoch(connection.id)  # a worker that drains it right now can store nothing more
    # A failed send may also have a line in doubt. Nobody could settle it later, and other connections wait for it.
    open_sends = await t.sends.page(states=_UNDER_WAY, connection_id=connection.id, limit=1)
    if open_sends or await t.ledger.doubts(connection_id=connection.id, limit=1):
        raise Conflict(
            f"The connection {connection.slug} has sends that have not ended.",
            code="CONNECTION_BUSY",
            fix="Wait until they have ended, cancel them, or settle their doubts. Then remove the connection.",
        )
    await t.connections.remove(connection.id)
