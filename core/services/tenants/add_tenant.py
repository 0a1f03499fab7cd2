"""Add a tenant. Its credentials are tried first, so a wrong password is reported at once and nothing is stored."""

from __future__ import annotations

from dataclasses import replace

import structlog

from core.model.tenants.tenant import Login, ServiceTradeAccount, Tenant
from core.services.plugins.check_plugins import check_plugin_defaults
from core.services.service import Service

_log = structlog.get_logger()


class AddTenant(Service):
    async def __call__(self, tenant: Tenant, login: Login, *, check: bool = True) -> Tenant:
        """Add a tenant; its id and `created_at` are set here. With `check`, it is tried whether the login works.

        Raises BadInput (PLUGINS_INVALID), Conflict (TENANT_EXISTS) and, with `check`, what signing in raises.
        """
        tenant = replace(
            tenant,
            id=self._ids.new("ten"),
            base_url=tenant.base_url.rstrip("/"),
            created_at=self._clock.now(),
        )
        await check_plugin_defaults(self._rules, tenant.plugin_defaults, ())
        if check:
            await self._service_trade.check(ServiceTradeAccount(tenant.id, tenant.base_url, login))
        async with self._transactions.begin_instance() as i:
            await i.tenants.add(tenant, login)
        _log.info("tenant.added", tenant=tenant.slug)
        return tenant
