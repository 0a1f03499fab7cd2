"""Check in Spectrum: the items that may have been posted or not, each with a form to settle it."""

from __future__ import annotations

from adapters.inbound.console.page_request import Redirect, Rendered, TenantRequest
from core.model.shared.errors import BadInput
from core.model.work_orders.cost_line import LineState

SHOWN = 50
_OUTCOMES = {"posted": LineState.POSTED, "not_posted": LineState.NOT_POSTED}


async def list_doubts(request: TenantRequest) -> Rendered:
    found = await request.use_cases.doubts.list(request.tenant.id, limit=SHOWN + 1)
    return Rendered("doubts.html", {"doubts": found[:SHOWN], "more": len(found) > SHOWN})


async def settle(request: TenantRequest) -> Redirect:
    """Settle a doubt, then return to the list of doubts or to the line's send."""
    outcome = _OUTCOMES.get(request.form.get("outcome", ""))
    if outcome is None:
        raise BadInput("The form does not say whether the item is there.", fix="Go back and press one of the buttons.")
    line = await request.use_cases.doubts.settle(
        request.tenant.id, request.path["line_id"], outcome, reason=request.form.get("reason", ""), by=request.by
    )
    return Redirect(
        f"{request.home}/doubts" if request.form.get("back") == "doubts" else f"{request.home}/sends/{line.send_id}"
    )
