"""The jobs that a comparison found as never sent: looked at, ticked, and their work orders sent together."""

from __future__ import annotations

from adapters.inbound.console.page_request import Redirect, Rendered, TenantRequest
from core.model.reconciliation.report_words import days_words

_TICK = "pick."


async def show_missing(request: TenantRequest) -> Rendered:
    run_id, slug = request.path["reconciliation"], request.path["connection"]
    connection = await request.use_cases.find_connection(request.tenant.id, slug)
    found = await request.use_cases.send_missing.look(request.tenant.id, run_id, slug)
    return Rendered(
        "reconciliation/missing.html",
        {
            "connection": connection,
            "days": days_words(found.run),
            "jobs": found.jobs,
            "more": found.more,
            "fresh": found.fresh,
            "here": request.address,
            "back": f"{request.home}/reconciliations/{run_id}",
        },
    )


async def send_missing(request: TenantRequest) -> Redirect:
    """Only what is ticked, as work orders without items."""
    run_id, once = request.path["reconciliation"], request.form.get("once", "")
    batch = await request.use_cases.send_missing(
        request.tenant.id,
        run_id,
        request.path["connection"],
        {name.removeprefix(_TICK) for name, ticked in request.form.items() if name.startswith(_TICK) and ticked},
        by=request.by,
        request_id=request.request_id,
        once=f"console-{once}"[:100] if once else "",
    )
    return Redirect(f"{request.home}/batches/{batch.id}")
