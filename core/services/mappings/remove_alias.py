"""Remove an alias. From then on the record's own external id is used again."""

from __future__ import annotations

import structlog

from core.model.mappings.alias import Alias
from core.model.operations.audit import AuditEntry
from ports.clock import Clock
from ports.storage.transactions import Transactions

_log = structlog.get_logger()


class RemoveAlias:
    def __init__(self, transactions: Transactions, clock: Clock) -> None:
        self._transactions = transactions
        self._clock = clock

    async def __call__(self, tenant_id: str, alias_id: str, *, by: str) -> Alias:
        """Returns the removed alias. Raises NotFound (ALIAS_NOT_FOUND)."""
        now = self._clock.now()
        async with self._transactions.begin(tenant_id) as t:
            alias = await t.aliases.remove(alias_id, at=now, by=by)
            connection, entry = await t.connections.get(alias.connection_id), alias.entry
            detail = {
                "connection": connection.slug,
                "kind": entry.kind.value,
                "servicetrade_id": entry.servicetrade_id,
                "name": entry.name,
                "former": entry.code,
            }
            await t.audit.record(AuditEntry(now, by, "alias.removed", alias_id, detail))
        _log.info("alias.removed", tenant=tenant_id, alias=alias_id, by=by)
        return alias
