"""Connections: their state, a test step by step, pause and resume, their plugins, and a restored backup."""

from __future__ import annotations

from urllib.parse import urlencode

from adapters.inbound.console.page_request import Redirect, Rendered, TenantRequest
from adapters.inbound.console.words import CHECKS, connection_row

SHOWN = 50


async def list_connections(request: TenantRequest) -> Rendered:
    page = await request.use_cases.find_connection.page(
        request.tenant.id, limit=SHOWN, after=request.query.get("after") or None
    )
    return Rendered(
        "connections.html",
        {
            "rows": [connection_row(one) for one in page.connections],
            "newer": urlencode({"after": page.next_after}) if page.next_after else "",
            "done": request.query.get("done", ""),
        },
    )


async def show_connection(request: TenantRequest, *, tested: bool = False) -> Rendered:
    slug = request.path["connection"]
    connection, warnings = await request.use_cases.find_connection.with_warnings(request.tenant.id, slug)
    steps = request.use_cases.examine_connection(request.tenant.id, slug, by=request.by) if tested else None
    cards = {card.name: card for card in request.use_cases.list_plugins()}
    used = {use.name for use in connection.plugins}
    return Rendered(
        "connection.html",
        {
            "row": connection_row(connection),
            "connection": connection,
            "warnings": warnings,
            "steps": steps,
            "checks": CHECKS,
            "plugins": [(use, cards.get(use.name)) for use in connection.plugins],
            "more": [card for card in cards.values() if not card.always_runs and card.name not in used],
            "done": request.query.get("done", ""),
        },
        live=tested,
    )


async def examine_connection(request: TenantRequest) -> Rendered:
    """Show the test on the connection's page. The test writes nothing, so loading the page again is safe."""
    return await show_connection(request, tested=True)


async def pause_connection(request: TenantRequest) -> Redirect:
    return await _set_paused(request, paused=True)


async def resume_connection(request: TenantRequest) -> Redirect:
    return await _set_paused(request, paused=False)


async def rotate_secret(request: TenantRequest) -> Redirect:
    connection = await request.use_cases.rotate_secret(request.tenant.id, request.path["connection"], by=request.by)
    return Redirect(f"{request.home}/connections/{connection.slug}?done=rotated")


async def _set_paused(request: TenantRequest, *, paused: bool) -> Redirect:
    slug = request.path["connection"]
    await request.use_cases.pause_connection(request.tenant.id, slug, paused=paused, by=request.by)
    return Redirect(f"{request.home}/connections/{slug}")


async def show_restore(request: TenantRequest) -> Rendered:
    [found] = await request.use_cases.acknowledge_restore.look(request.tenant.id, request.path["connection"])
    return Rendered("restore.html", {"found": found, "connection": found.connection})


async def acknowledge_restore(request: TenantRequest) -> Redirect:
    slug = request.path["connection"]
    await request.use_cases.acknowledge_restore(
        request.tenant.id, slug, reason=request.form.get("reason", ""), by=request.by
    )
    return Redirect(f"{request.home}/connections/{slug}?done=acknowledged")
