"""Connections of a tenant: Spectrum companies."""

from __future__ import annotations

from typing import Any

from adapters.inbound.api import cursor
from adapters.inbound.api.call import Call, Reply, etag
from adapters.inbound.schema.connections import ConnectionIn, ConnectionOut, ConnectionPatch, ExaminationOut
from adapters.inbound.schema.schema_base import Nothing, Page, PageQuery
from core.model.connections.connection import Connection


async def add_connection(call: Call[ConnectionIn]) -> Reply[ConnectionOut]:
    """Add a Spectrum company. Address and secrets are tested first; if a test fails, nothing is stored."""
    tenant, asked = call.tenant, call.input
    added = await call.use_cases.add_connection(
        tenant.id, asked.connection(), asked.secrets(), check=asked.check, by=call.caller.name
    )
    return await shown_connection(call, added, {"Location": f"/v1/tenants/{tenant.slug}/connections/{added.slug}"})


async def list_connections(call: Call[PageQuery]) -> Reply[Page[ConnectionOut]]:
    """List the tenant's connections.

    Oldest first, without their secrets.
    """
    asked = call.input
    page = await call.use_cases.find_connection.page(
        call.tenant.id, limit=asked.limit, after=cursor.decode_id(asked.cursor)
    )
    shown = [ConnectionOut.of(one, page.warnings.get(one.id, ())) for one in page.connections]
    return cursor.page_by(shown, page.next_after)


async def find_connection(call: Call[Nothing]) -> Reply[ConnectionOut]:
    """Show a connection's settings, without its secrets. A change must name its ETag."""
    found, warnings = await call.use_cases.find_connection.with_warnings(call.tenant.id, call.path["connection"])
    return Reply(ConnectionOut.of(found, warnings), {"ETag": etag(found.version)})


async def change_connection(call: Call[ConnectionPatch]) -> Reply[ConnectionOut]:
    """Change settings or secrets. Fields not given do not change; a new address or new secrets are tested first.

    A tenant's key that changes the address must give the secrets again.
    """
    changed = await call.use_cases.change_connection(
        call.tenant.id,
        call.path["connection"],
        call.input.edit_by(call.caller),
        version=call.if_match,
        by=call.caller.name,
        check=call.input.check,
    )
    return await shown_connection(call, changed)


async def remove_connection(call: Call[Nothing]) -> Reply[Nothing]:
    """Remove a connection with its sends and secrets, for good. Jobferry remembers what it posted."""
    await call.use_cases.remove_connection(
        call.tenant.id, call.path["connection"], version=call.if_match, by=call.caller.name
    )
    return Reply(Nothing())


async def examine_connection(call: Call[Nothing]) -> Reply[ExaminationOut]:
    """Test a connection step by step, without writing. Every failed step comes with its fix."""
    tenant, slug = call.tenant, call.path["connection"]
    steps = [step async for step in call.use_cases.examine_connection(tenant.id, slug, by=call.caller.name)]
    return Reply(ExaminationOut.of(slug, steps))


async def rotate_secret(call: Call[Nothing]) -> Reply[ConnectionOut]:
    """Let Spectrum make a new client secret, if it can. The old secret stays until the new one has worked.

    Other programs that use the same client need the new secret too, and Jobferry does not show it.
    """
    rotated = await call.use_cases.rotate_secret(call.tenant.id, call.path["connection"], by=call.caller.name)
    return await shown_connection(call, rotated)


async def pause_connection(call: Call[Nothing]) -> Reply[ConnectionOut]:
    """Pause a connection: its sends wait. New sends are still accepted."""
    return await _set_paused(call, paused=True)


async def resume_connection(call: Call[Nothing]) -> Reply[ConnectionOut]:
    """End a connection's pause or hold.

    End a hold once its cause is fixed. Every send that waited continues.
    """
    return await _set_paused(call, paused=False)


async def _set_paused(call: Call[Nothing], *, paused: bool) -> Reply[ConnectionOut]:
    connection = await call.use_cases.pause_connection(
        call.tenant.id, call.path["connection"], paused=paused, by=call.caller.name
    )
    return await shown_connection(call, connection)


async def shown_connection(
    call: Call[Any], connection: Connection, headers: dict[str, str] | None = None
) -> Reply[ConnectionOut]:
    """The connection with its ETag and with warnings about its settings."""
    warnings = await call.use_cases.find_connection.warnings(connection)
    return Reply(ConnectionOut.of(connection, warnings), {"ETag": etag(connection.version), **(headers or {})})
