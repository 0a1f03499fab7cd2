"""Home: what needs attention, grouped by cause; then the connections and the latest sends."""

from __future__ import annotations

from adapters.inbound.console.page_request import Redirect, Rendered, TenantRequest
from adapters.inbound.console.words import STATES, connection_row, send_row
from core.model.sending.send import SendState

CONNECTIONS_SHOWN = 20


async def home(request: TenantRequest) -> Rendered:
    """Of many connections, those that do not work come first, and the others are in the list of all."""
    view = await request.use_cases.show_home(request.tenant.id)
    rows = sorted(map(connection_row, view.connections), key=lambda row: not row.waits)
    names = {one.id: one.name for one in view.connections}
    return Rendered(
        "home.html",
        {
            "view": view,
            "names": names,
            "code_forms": {
                one.cause.code: await request.use_cases.show_code_forms.of_warnings(request.tenant.id, one.warnings)
                for one in view.troubles
            },
            "counts": [
                (STATES[state], view.counts[state], state.value) for state in SendState if view.counts.get(state)
            ],
            "rows": rows[:CONNECTIONS_SHOWN],
            "left_out": max(0, len(rows) - CONNECTIONS_SHOWN),
            "sends": [send_row(one, names[one.connection_id]) for one in view.sends],
        },
    )


async def show_cause(request: TenantRequest) -> Rendered:
    trouble = await request.use_cases.warnings.of_cause(request.tenant.id, request.path["code"])
    connections = await request.use_cases.find_connection.all(request.tenant.id)
    forms = await request.use_cases.show_code_forms.of_warnings(request.tenant.id, trouble.warnings)
    return Rendered(
        "cause.html",
        {"trouble": trouble, "names": {one.id: one.name for one in connections}, "code_forms": forms},
    )


async def send_cause_again(request: TenantRequest) -> Redirect:
    """Retry every failed send of one cause; sends that have not failed any more are ignored."""
    trouble = await request.use_cases.warnings.of_cause(request.tenant.id, request.path["code"])
    failed = [warning.send_id for warning in trouble.warnings if warning.send_id]
    batch = await request.use_cases.batches.retry(request.tenant.id, failed, by=request.by)
    return Redirect(f"{request.home}/batches/{batch.id}")
