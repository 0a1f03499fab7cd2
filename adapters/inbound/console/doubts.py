"""Doubts: the lines of which nobody knows whether they were posted, each with its verdict."""

from __future__ import annotations

from adapters.inbound.console.visit import Drawn, GoTo, Visit
from core.model.shared.errors import BadInput
from core.model.work_orders.cost_line import LineState

SHOWN = 50
_OUTCOMES = {"posted": LineState.POSTED, "not_posted": LineState.NOT_POSTED}


async def list_doubts(visit: Visit) -> Drawn:
    found = await visit.use_cases.list_doubts(visit.tenant.id, limit=SHOWN + 1)
    return Drawn("doubts.html", {"doubts": found[:SHOWN], "more": len(found) > SHOWN})


async def settle(visit: Visit) -> GoTo:
    """Back to where it was said: the list of doubts, or the line's own send."""
    outcome = _OUTCOMES.get(visit.form.get("outcome", ""))
    if outcome is None:
        raise BadInput("It was not said whether the line is there.", fix="Go back and press one of the two buttons.")
    line = await visit.use_cases.settle_doubt(
        visit.tenant.id, visit.path["line_id"], outcome, reason=visit.form.get("reason", ""), by=visit.by
    )
    return GoTo(f"{visit.home}/doubts" if visit.form.get("back") == "doubts" else f"{visit.home}/sends/{line.send_id}")
