"""Check in Spectrum: the items, notes and documents that may have been taken or not, each with a form to settle it."""

from __future__ import annotations

from adapters.inbound.console.page_request import Redirect, Rendered, TenantRequest
from adapters.inbound.schema.sending.unclear_annotations import where_to_look
from core.model.shared.errors import BadInput
from core.model.work_orders.cost_line import LineState

SHOWN = 50
_OUTCOMES = {"posted": LineState.POSTED, "not_posted": LineState.NOT_POSTED}
_SEEN = {"there": True, "not_there": False}


async def list_doubts(request: TenantRequest) -> Rendered:
    """Items first: they hold sends. Of both lists the oldest come first, and a settled one makes room."""
    use_cases, tenant_id = request.use_cases, request.tenant.id
    found = await use_cases.doubts.list(tenant_id, limit=SHOWN + 1)
    unclear = await use_cases.unclear_annotations.list(tenant_id, limit=SHOWN + 1)
    return Rendered(
        "doubts.html",
        {
            "doubts": found[:SHOWN],
            "more": len(found) > SHOWN,
            "unclear": [(one, where_to_look(one)) for one in unclear[:SHOWN]],
            "more_unclear": len(unclear) > SHOWN,
        },
    )


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


async def settle_annotation(request: TenantRequest) -> Redirect:
    """Settle a note or a document, then return to the list or to its send."""
    there = _SEEN.get(request.form.get("outcome", ""))
    if there is None:
        raise BadInput("The form does not say whether it is there.", fix="Go back and press one of the buttons.")
    settled = await request.use_cases.unclear_annotations.settle(
        request.tenant.id,
        request.path["annotation_id"],
        there=there,
        reason=request.form.get("reason", ""),
        by=request.by,
    )
    back = request.form.get("back", "")
    of_send = f"{request.home}/sends/{settled.send_id}" if settled.send_id else ""
    return Redirect(f"{request.home}/doubts" if back == "doubts" or not of_send else of_send)
