"""Add a tenant. Its credentials are tried first, so a wrong password is reported at once and nothing is stored."""

from __future__ import annotations

import structlog

from core.model.tenants.tenant import DEFAULT_BASE_URL, Login, ServiceTradeAccount, Tenant
from ports.clock import Clock
from ports.ids import Ids
from ports.service_trade import ServiceTrade
from ports.storage.transactions import Transactions

_log = structlog.get_logger()


class AddTenant:
    def __init__(self, transactions: Transactions, service_trade: ServiceTrade, clock: Clock, ids: Ids) -> None:
        self._transactions = transactions
        self._service_trade = service_trade
        self._clock = clock
        self._ids = ids

    async def __call__(
        self, slug: str, name: str, login: Login, *, base_url: str = DEFAULT_BASE_URL, check: bool = True
    ) -> Tenant:
        """Raises BadInput, Conflict (TENANT_EXISTS) and, with `check`, what signing in to ServiceTrade raises."""
        tenant = Tenant(
            id=self._ids.new("ten"), slug=slug, name=name, base_url=base_url.rstrip("/"), created_at=self._clock.now()
        )
        if check:
            await self._service_trade.check(ServiceTradeAccount(tenant.id, tenant.base_url, login))
        async with self._transactions.begin_instance() as i:
            await i.tenants.add(tenant, login)
        _log.info("tenant.added", tenant=slug)
        return tenant
