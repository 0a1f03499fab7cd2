"""A restored backup: what was completed since, and the form of somebody who has looked."""

from __future__ import annotations

from adapters.inbound.console.visit import Drawn, GoTo, Visit


async def show_restore(visit: Visit) -> Drawn:
    [found] = await visit.use_cases.acknowledge_restore.look(visit.tenant.id, visit.path["connection"])
    return Drawn("restore.html", {"found": found, "connection": found.connection})


async def acknowledge_restore(visit: Visit) -> GoTo:
    slug = visit.path["connection"]
    await visit.use_cases.acknowledge_restore(visit.tenant.id, slug, reason=visit.form.get("reason", ""), by=visit.by)
    return GoTo(f"{visit.home}/connections/{slug}?done=acknowledged")
