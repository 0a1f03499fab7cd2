"""Export all aliases of a connection as CSV. Importing this file again changes nothing."""

from __future__ import annotations

from collections.abc import Sequence

from core.model.mappings.alias import Alias, AliasKind
from core.model.mappings.alias_csv import write_csv
from ports.storage.transactions import Transactions


class ExportAliases:
    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def __call__(self, tenant_id: str, connection: str, *, kind: AliasKind | None = None) -> str:
        """The CSV, sorted by kind and id, so that exports can be compared. Raises NotFound (CONNECTION_NOT_FOUND)."""
        return write_csv(alias.entry for alias in await self.all(tenant_id, connection, kind=kind))

    async def all(self, tenant_id: str, connection: str, *, kind: AliasKind | None = None) -> Sequence[Alias]:
        """The aliases that the file holds."""
        async with self._transactions.begin(tenant_id) as t:
            found = await t.connections.by_slug(connection)
            aliases = await t.aliases.page(found.id, kind=kind, limit=None)
        return sorted(aliases, key=lambda alias: (alias.entry.kind.value, int(alias.entry.servicetrade_id)))
