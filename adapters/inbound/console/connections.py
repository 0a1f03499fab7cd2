"""Connections: how each stands, a test step by step, pause and resume, and the plugins that it uses."""

from __future__ import annotations

from adapters.inbound.console.rows import connection_row
from adapters.inbound.console.visit import Drawn, GoTo, Visit
from adapters.inbound.console.words import CHECKS


async def list_connections(visit: Visit) -> Drawn:
    found = await visit.use_cases.find_connection.all(visit.tenant.id)
    rows = [connection_row(one) for one in found]
    return Drawn("connections.html", {"rows": rows, "done": visit.query.get("done", "")})


async def show_connection(visit: Visit) -> Drawn:
    return await _shown(visit, tested=False)


async def examine_connection(visit: Visit) -> Drawn:
    """The test's result on the connection's own page; it writes nothing, so loading it again only tests again."""
    return await _shown(visit, tested=True)


async def pause_connection(visit: Visit) -> GoTo:
    return await _set_paused(visit, paused=True)


async def resume_connection(visit: Visit) -> GoTo:
    return await _set_paused(visit, paused=False)


async def rotate_secret(visit: Visit) -> GoTo:
    connection = await visit.use_cases.rotate_secret(visit.tenant.id, visit.path["connection"], by=visit.by)
    return GoTo(f"{visit.home}/connections/{connection.slug}?done=rotated")


async def _set_paused(visit: Visit, *, paused: bool) -> GoTo:
    slug = visit.path["connection"]
    await visit.use_cases.pause_connection(visit.tenant.id, slug, paused=paused, by=visit.by)
    return GoTo(f"{visit.home}/connections/{slug}")


async def _shown(visit: Visit, *, tested: bool) -> Drawn:
    slug = visit.path["connection"]
    connection = await visit.use_cases.find_connection(visit.tenant.id, slug)
    warnings = (await visit.use_cases.find_connection.warnings(visit.tenant.id)).get(connection.id, ())
    steps = visit.use_cases.examine_connection(visit.tenant.id, slug) if tested else None
    cards = {card.name: card for card in visit.use_cases.list_plugins()}
    used = {use.name for use in connection.plugins}
    return Drawn(
        "connection.html",
        {
            "row": connection_row(connection),
            "connection": connection,
            "warnings": warnings,
            "steps": steps,
            "checks": CHECKS,
            "plugins": [(use, cards.get(use.name)) for use in connection.plugins],
            "more": [card for card in cards.values() if not card.always_runs and card.name not in used],
            "done": visit.query.get("done", ""),
        },
        live=tested,
    )
