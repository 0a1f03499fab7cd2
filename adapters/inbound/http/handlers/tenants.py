"""Tenants: ServiceTrade accounts."""

from __future__ import annotations

from adapters.inbound.http.call import Call, Reply
from adapters.inbound.http.models.tenants import TenantIn, TenantOut
from adapters.inbound.http.models.wire import Nothing, Page


async def add_tenant(call: Call[TenantIn]) -> Reply[TenantOut]:
    asked = call.input
    account = asked.servicetrade
    tenant = await call.use_cases.add_tenant(asked.slug, asked.name, account.login(), base_url=account.base_url)
    return Reply(TenantOut.of(tenant), {"Location": f"/v1/tenants/{tenant.slug}"})


async def list_tenants(call: Call[Nothing]) -> Reply[Page[TenantOut]]:
    tenants = await call.use_cases.find_tenant.all()
    return Reply(Page(items=[TenantOut.of(tenant) for tenant in tenants]))


async def find_tenant(call: Call[Nothing]) -> Reply[TenantOut]:
    return Reply(TenantOut.of(call.tenant))
