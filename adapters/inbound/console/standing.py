"""What stands in Spectrum of a job that somebody else sent before: said once on the job's page, and its items go."""

from __future__ import annotations

from urllib.parse import urlencode

from adapters.inbound.console.visit import GoTo, Visit
from core.model.planning.standing_items import Standing
from core.model.shared.errors import BadInput

_TICK = "item."


async def declare_items(visit: Visit) -> GoTo:
    """Back to the job, which shows what is left to send."""
    job_id, slug = visit.path["job_id"], visit.form.get("connection", "")
    await visit.use_cases.declare_items(
        visit.tenant.id, slug, job_id, _standing(visit), reason=visit.form.get("reason", ""), by=visit.by
    )
    query = urlencode({"connection": slug, "items": visit.form.get("items", ""), "said": "1"})
    return GoTo(f"{visit.home}/jobs/{job_id}?{query}")


def _standing(visit: Visit) -> Standing:
    """Raises BadInput where the ticks and the choice above them say different things."""
    said = visit.form.get("standing", "")
    ticked = [name.removeprefix(_TICK) for name in visit.form if name.startswith(_TICK)]
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
