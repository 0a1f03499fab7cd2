"""Doubts: the lines of which nobody knows whether they were posted, each with its verdict."""

from __future__ import annotations

from adapters.inbound.console.page_request import Redirect, Rendered, TenantRequest
from core.model.shared.errors import BadInput
from core.model.work_orders.cost_line import LineState

SHOWN = 50
_OUTCOMES = {"posted": LineState.POSTED, "not_posted": LineState.NOT_POSTED}


async def list_doubts(request: TenantRequest) -> Rendered:
    found = await request.use_cases.list_doubts(request.tenant.id, limit=SHOWN + 1)
    return Rendered("doubts.html", {"doubts": found[:SHOWN], "more": len(found) > SHOWN})


async def settle(request: TenantRequest) -> Redirect:
    """Back to where it was said: the list of doubts, or the line's own send."""
    outcome = _OUTCOMES.get(request.form.get("outcome", ""))
    if outcome is None:
        raise BadInput("It was not said whether the line is there.", fix="Go back and press one of the two buttons.")
    line = await request.use_cases.settle_doubt(
        request.tenant.id, request.path["line_id"], outcome, reason=request.form.get("reason", ""), by=request.by
    )
    return Redirect(
        f"{request.home}/doubts" if request.form.get("back") == "doubts" else f"{request.home}/sends/{line.send_id}"
    )
