"""The audit: who did what, newest first."""

from __future__ import annotations

from adapters.inbound.console.visit import Drawn, Visit

SHOWN = 50


async def list_audit(visit: Visit) -> Drawn:
    before = visit.query.get("before", "")
    given = int(before) if before.isascii() and before.isdecimal() and len(before) < 19 else None
    page = await visit.use_cases.list_audit(visit.tenant.id, limit=SHOWN, before=given)
    return Drawn("audit.html", {"entries": page.entries, "older": page.next_before})
