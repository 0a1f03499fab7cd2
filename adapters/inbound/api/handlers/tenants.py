"""Tenants: ServiceTrade accounts."""

from __future__ import annotations

from functools import partial
from typing import Any

from adapters.inbound.api import cursor
from adapters.inbound.api.call import Call, Reply
from adapters.inbound.schema.schema_base import Lines, Nothing, Page, PageQuery
from adapters.inbound.schema.tenants import TenantIn, TenantOut, TenantPatch
from core.model.tenants.tenant import Tenant


async def add_tenant(call: Call[TenantIn]) -> Reply[TenantOut]:
    """Add a ServiceTrade account. The credentials are tested first, so you learn of a wrong password at once."""
    asked = call.input
    tenant = await call.use_cases.add_tenant(asked.tenant(), asked.servicetrade.login(), by=call.caller.name)
    return Reply(TenantOut.of(tenant), {"Location": f"/v1/tenants/{tenant.slug}"})


async def list_tenants(call: Call[PageQuery]) -> Reply[Page[TenantOut]]:
    """List all tenants.

    Oldest first.
    """
    asked = call.input
    page = await call.use_cases.find_tenant.page(limit=asked.limit, after=cursor.decode_id(asked.cursor))
    return cursor.page_by(list(map(TenantOut.of, page.tenants)), page.next_after)


async def find_tenant(call: Call[Nothing]) -> Reply[TenantOut]:
    """Show one tenant.

    Its settings and state, without its credentials.
    """
    return Reply(TenantOut.of(call.tenant))


async def export_tenant(call: Call[Nothing]) -> Reply[Lines]:
    """Export all that is stored of a tenant.

    Everything but secrets, all of one moment, as one JSON document a line: what this is, each row with its kind, and
    at the end how many there are. A file without the last line is not whole.
    """
    tenant = call.tenant
    read = partial(call.use_cases.export_tenant, tenant, by=call.caller.name)
    return Reply(Lines(name=f"{tenant.slug}.jsonl", pieces=read))


async def change_tenant(call: Call[TenantPatch]) -> Reply[TenantOut]:
    """Change the settings or the login to ServiceTrade. A new address or login is tested first."""
    asked, before = call.input, await _fresh(call)
    changed = await call.use_cases.change_tenant(before, asked.edit(before), asked.login(), by=call.caller.name)
    return Reply(TenantOut.of(changed))


async def pause_tenant(call: Call[Nothing]) -> Reply[TenantOut]:
    """Pause a tenant: its sends wait. New sends are still accepted."""
    return await _set_paused(call, paused=True)


async def resume_tenant(call: Call[Nothing]) -> Reply[TenantOut]:
    """End a tenant's pause.

    Its sends continue in their order.
    """
    return await _set_paused(call, paused=False)


async def remove_tenant(call: Call[Nothing]) -> Reply[Nothing]:
    """Remove a tenant and all its data, for good.

    Connections, sends, keys, secrets and audit are removed. Refused while sends are under way. Hashes of what was
    posted remain, so that setting up again posts nothing twice.
    """
    await call.use_cases.change_tenant.remove(await _fresh(call), by=call.caller.name)
    return Reply(Nothing())


async def _set_paused(call: Call[Nothing], *, paused: bool) -> Reply[TenantOut]:
    changed = await call.use_cases.change_tenant.pause(await _fresh(call), paused=paused, by=call.caller.name)
    return Reply(TenantOut.of(changed))


async def _fresh(call: Call[Any]) -> Tenant:
    return await call.use_cases.find_tenant.fresh(call.tenant.slug)
