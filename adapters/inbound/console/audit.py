"""The audit: who did what, newest first."""

from __future__ import annotations

from adapters.inbound.console.visit import Drawn, Visit

SHOWN = 50


async def list_audit(visit: Visit) -> Drawn:
    page = await visit.use_cases.list_audit(visit.tenant.id, limit=SHOWN, before=visit.before)
    return Drawn("audit.html", {"entries": page.entries, "older": page.next_before})
