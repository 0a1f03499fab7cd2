"""Connections of a tenant, without their secrets."""

from __future__ import annotations

from collections.abc import Sequence

from core.model.connection import Connection
from ports.transactions import Transactions


class FindConnection:
    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def __call__(self, tenant_id: str, slug: str) -> Connection:
        """Raises NotFound (CONNECTION_NOT_FOUND)."""
        async with self._transactions.begin(tenant_id) as t:
            return await t.connections.by_slug(slug)

    async def all(self, tenant_id: str) -> Sequence[Connection]:
        """In the order they were added."""
        async with self._transactions.begin(tenant_id) as t:
            return await t.connections.all()
