"""Connections of a tenant: Spectrum companies."""

from __future__ import annotations

from adapters.inbound.http.call import Call, Reply
from adapters.inbound.http.models.connections import ConnectionIn, ConnectionOut, ExaminationOut
from adapters.inbound.http.models.wire import Nothing, Page


async def add_connection(call: Call[ConnectionIn]) -> Reply[ConnectionOut]:
    tenant = call.tenant
    added = await call.use_cases.add_connection(tenant.id, call.input.connection(), call.input.secrets())
    return Reply(ConnectionOut.of(added), {"Location": f"/v1/tenants/{tenant.slug}/connections/{added.slug}"})


async def list_connections(call: Call[Nothing]) -> Reply[Page[ConnectionOut]]:
    tenant = call.tenant
    found = await call.use_cases.find_connection.all(tenant.id)
    return Reply(Page(items=[ConnectionOut.of(one) for one in found]))


async def find_connection(call: Call[Nothing]) -> Reply[ConnectionOut]:
    tenant = call.tenant
    return Reply(ConnectionOut.of(await call.use_cases.find_connection(tenant.id, call.path["connection"])))


async def examine_connection(call: Call[Nothing]) -> Reply[ExaminationOut]:
    tenant, slug = call.tenant, call.path["connection"]
    return Reply(ExaminationOut.of(slug, await call.use_cases.examine_connection(tenant.id, slug)))


async def pause_connection(call: Call[Nothing]) -> Reply[ConnectionOut]:
    return await _set_paused(call, paused=True)


async def resume_connection(call: Call[Nothing]) -> Reply[ConnectionOut]:
    return await _set_paused(call, paused=False)


async def _set_paused(call: Call[Nothing], *, paused: bool) -> Reply[ConnectionOut]:
    tenant = call.tenant
    connection = await call.use_cases.pause_connection(tenant.id, call.path["connection"], paused=paused)
    return Reply(ConnectionOut.of(connection))
