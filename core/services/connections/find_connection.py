"""Connections of a tenant, without their secrets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.model.connections.connection import Connection
from core.model.connections.same_company import company_key, same_company
from core.model.shared.finding import Finding
from core.services.service import Service
from ports.storage.transactions import TenantTransaction


class FindConnection(Service):
    async def __call__(self, tenant_id: str, slug: str) -> Connection:
        """Raises NotFound (CONNECTION_NOT_FOUND)."""
        async with self._transactions.begin(tenant_id) as t:
            return await t.connections.by_slug(slug)

    async def all(self, tenant_id: str) -> Sequence[Connection]:
        """All connections, in the order they were added."""
        async with self._transactions.begin(tenant_id) as t:
            return await t.connections.all()

    async def warnings(self, tenant_id: str) -> Mapping[str, Sequence[Finding]]:
        """By connection id, the warnings about its settings. They stop no send; most connections have none."""
        async with self._transactions.begin(tenant_id) as t:
            return await company_warnings(t)


async def company_warnings(t: TenantTransaction) -> Mapping[str, Sequence[Finding]]:
    """Warnings for connections to the same Spectrum company as another connection, of this or another tenant."""
    connections = await t.connections.all()
    elsewhere = await t.connections.elsewhere([company_key(one) for one in connections])
    return same_company(connections, elsewhere)
