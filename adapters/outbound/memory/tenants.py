"""Tenants and operator keys, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.model.errors import Conflict, NotFound
from core.model.tenant import Login, Tenant
from ports.tenants import OperatorKeys, Tenants


@dataclass(frozen=True, slots=True)
class StoredTenant:
    tenant: Tenant
    login: Login


class MemoryTenants(Tenants):
    def __init__(self, rows: dict[str, StoredTenant]) -> None:
        self._rows = rows

    async def add(self, tenant: Tenant, login: Login) -> None:
        if any(row.tenant.slug == tenant.slug for row in self._rows.values()):
            raise Conflict(f"A tenant {tenant.slug} exists already.", code="TENANT_EXISTS")
        self._rows[tenant.id] = StoredTenant(tenant, login)

    async def by_slug(self, slug: str) -> Tenant:
        for row in self._rows.values():
            if row.tenant.slug == slug:
                return row.tenant
        raise NotFound(f"There is no tenant {slug}.", code="TENANT_NOT_FOUND")

    async def all(self) -> Sequence[Tenant]:
        return [row.tenant for row in self._rows.values()]


class MemoryOperatorKeys(OperatorKeys):
    def __init__(self, rows: dict[str, bytes]) -> None:
        self._rows = rows

    async def add(self, key_id: str, digest: bytes) -> None:
        self._rows[key_id] = digest

    async def exists(self, digest: bytes) -> bool:
        return digest in self._rows.values()

    async def any(self) -> bool:
        return bool(self._rows)
