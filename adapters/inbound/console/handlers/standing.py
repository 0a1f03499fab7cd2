"""Which items of a job that somebody else sent are in Spectrum: the form on the job's page, which ends their wait."""

from __future__ import annotations

from urllib.parse import urlencode

from adapters.inbound.console.page_request import Redirect, TenantRequest
from core.model.planning.standing_items import Standing
from core.model.shared.errors import BadInput

_TICK = "item."


async def declare_items(request: TenantRequest) -> Redirect:
    """Store the answer, then return to the job, which shows what is left to send."""
    job_id, slug = request.path["job_id"], request.form.get("connection", "")
    await request.use_cases.declare_items(
        request.tenant.id, slug, job_id, _standing(request), reason=request.form.get("reason", ""), by=request.by
    )
    query = urlencode({"connection": slug, "items": request.form.get("items", ""), "said": "1"})
    return Redirect(f"{request.home}/jobs/{job_id}?{query}")


def _standing(request: TenantRequest) -> Standing:
    """The answer. Raises BadInput if the ticks and the choice contradict each other."""
    said = request.form.get("standing", "")
    ticked = [name.removeprefix(_TICK) for name in request.form if name.startswith(_TICK)]
    match said, bool(ticked):
        case "some", True:
            return ticked
        case "all" | "none", False:
            return said
        case "all" | "none", True:
            message = "You chose all or none, but items are ticked."
        case "some", False:
            message = "No item is ticked."
        case _:
            message = "The form does not say which items are in Spectrum."
    raise BadInput(message, fix="Go back and choose all, none, or these, and tick each item that is there.")
