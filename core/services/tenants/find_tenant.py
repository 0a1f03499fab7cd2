"""Find tenants by slug, id, or all of them."""

from __future__ import annotations

from collections.abc import Sequence

from core.model.access.caller import Caller
from core.model.tenants.tenant import Tenant, tenant_missing
from core.services.service import Service

_OPERATOR = Caller()


class FindTenant(Service):
    async def __call__(self, slug: str, caller: Caller = _OPERATOR) -> Tenant:
        """Raises NotFound (TENANT_NOT_FOUND) for an unknown tenant, and for one that the caller may not see."""
        async with self._transactions.begin_instance() as i:
            tenant = await i.tenants.by_slug(slug)
        if caller.tenant_id not in (None, tenant.id):
            raise tenant_missing(slug)
        return tenant

    async def by_id(self, tenant_id: str) -> Tenant:
        """The tenant, for a caller that belongs to it."""
        async with self._transactions.begin(tenant_id) as t:
            return await t.tenant()

    async def all(self) -> Sequence[Tenant]:
        """All tenants, in the order they were added."""
        async with self._transactions.begin_instance() as i:
            return await i.tenants.all()
