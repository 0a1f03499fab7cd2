"""What stands in Spectrum of a job that somebody else sent before: said once on the job's page, and its items go."""

from __future__ import annotations

from urllib.parse import urlencode

from adapters.inbound.console.page_request import Redirect, TenantRequest
from core.model.planning.standing_items import Standing
from core.model.shared.errors import BadInput

_TICK = "item."


async def declare_items(request: TenantRequest) -> Redirect:
    """Back to the job, which shows what is left to send."""
    job_id, slug = request.path["job_id"], request.form.get("connection", "")
    await request.use_cases.declare_items(
        request.tenant.id, slug, job_id, _standing(request), reason=request.form.get("reason", ""), by=request.by
    )
    query = urlencode({"connection": slug, "items": request.form.get("items", ""), "said": "1"})
    return Redirect(f"{request.home}/jobs/{job_id}?{query}")


def _standing(request: TenantRequest) -> Standing:
    """Raises BadInput where the ticks and the choice above them say different things."""
    said = request.form.get("standing", "")
    ticked = [name.removeprefix(_TICK) for name in request.form if name.startswith(_TICK)]
    match said, bool(ticked):
        case "some", True:
            return ticked
        case "all" | "none", False:
            return said
        case "all" | "none", True:
            message = "Items are ticked, and yet all or none is chosen."
        case "some", False:
            message = "No item is ticked."
        case _:
            message = "It was not said which items stand in Spectrum."
    raise BadInput(message, fix="Go back and choose all, none, or these with a tick at each item that stands there.")
