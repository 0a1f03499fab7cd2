"""A record's former aliases, newest first, also after its alias was removed."""

from __future__ import annotations

from collections.abc import Sequence

from core.model.mappings.alias import FormerAlias
from ports.storage.transactions import Transactions


class AliasHistory:
    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def __call__(self, tenant_id: str, alias_id: str) -> Sequence[FormerAlias]:
        """Raises NotFound (ALIAS_NOT_FOUND)."""
        async with self._transactions.begin(tenant_id) as t:
            return await t.aliases.history(alias_id)
