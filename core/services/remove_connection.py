"""Remove a connection. What it has posted stays known as hashes, so setting it up again posts nothing twice."""

from __future__ import annotations

import structlog

from core.model.audit import AuditEntry
from core.model.connection import Connection
from core.model.errors import Conflict
from core.model.posted_before import posted_key
from core.model.send import SendState
from core.services.change_connection import require_version
from ports.clock import Clock
from ports.transactions import TenantTransaction, Transactions

_log = structlog.get_logger()
_UNDER_WAY = (*(state for state in SendState if not state.settled), SendState.IN_DOUBT)


class RemoveConnection:
    def __init__(self, transactions: Transactions, clock: Clock) -> None:
        self._transactions = transactions
        self._clock = clock

    async def __call__(self, tenant_id: str, slug: str, *, version: int | None, by: str) -> None:
        """Its sends, warnings and secrets are deleted for good.

        Raises NotFound, OutOfDate, Conflict (CONNECTION_BUSY).
        """
        now = self._clock.now()
        async with self._transactions.begin(tenant_id) as t:
            connection = await t.connections.by_slug(slug)
            require_version(connection, version)
            await take_leave(t, connection)
            detail = {"connection": slug, "company": connection.company_code}
            entry = AuditEntry(at=now, actor=by, action="connection.removed", subject=connection.id, detail=detail)
            await t.audit.record(entry)
        _log.info("connection.removed", tenant_id=tenant_id, connection=slug, by=by)


async def take_leave(t: TenantTransaction, connection: Connection) -> None:
    """Remember what was posted, then delete the connection. Raises Conflict (CONNECTION_BUSY)."""
    await t.connections.raise_epoch(connection.id)  # whoever drains it right now stores nothing any more
    if await t.sends.page(states=_UNDER_WAY, connection_id=connection.id, limit=1):
        raise Conflict(
            f"The connection {connection.slug} has sends that are not at their end.",
            code="CONNECTION_BUSY",
            fix="Let them end, cancel them, or settle their doubts; then remove it.",
        )
    lines = await t.ledger.of_connection(connection.id)
    await t.posted_before.remember({posted_key(connection, line.job_id, line.item_id) for line in lines})
    await t.connections.remove(connection.id)
