"""Tenants by slug, for everything that names one from outside."""

from __future__ import annotations

from collections.abc import Sequence

from core.model.tenant import Tenant
from ports.transactions import Transactions


class FindTenant:
    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def __call__(self, slug: str) -> Tenant:
        """Raises NotFound (TENANT_NOT_FOUND)."""
        async with self._transactions.begin_instance() as i:
            return await i.tenants.by_slug(slug)

    async def all(self) -> Sequence[Tenant]:
        """In the order they were added."""
        async with self._transactions.begin_instance() as i:
            return await i.tenants.all()
