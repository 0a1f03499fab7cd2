"""Home: what needs attention first, grouped by cause; then the connections, and what was sent lately."""

from __future__ import annotations

from adapters.inbound.console.rows import connection_row, send_row
from adapters.inbound.console.visit import Drawn, GoTo, Visit
from adapters.inbound.console.words import STATES
from core.model.sending.send import SendState


async def home(visit: Visit) -> Drawn:
    view = await visit.use_cases.show_home(visit.tenant.id)
    names = {one.id: one.name for one in view.connections}
    return Drawn(
        "home.html",
        {
            "view": view,
            "names": names,
            "counts": [
                (STATES[state], view.counts[state], state.value) for state in SendState if view.counts.get(state)
            ],
            "rows": [connection_row(one) for one in view.connections],
            "sends": [send_row(one, names[one.connection_id]) for one in view.sends],
        },
    )


async def show_cause(visit: Visit) -> Drawn:
    trouble = await visit.use_cases.show_cause(visit.tenant.id, visit.path["code"])
    connections = await visit.use_cases.find_connection.all(visit.tenant.id)
    return Drawn("cause.html", {"trouble": trouble, "names": {one.id: one.name for one in connections}})


async def send_cause_again(visit: Visit) -> GoTo:
    """Every failed send of one cause; one that is no longer failed by then is left alone."""
    trouble = await visit.use_cases.show_cause(visit.tenant.id, visit.path["code"])
    failed = [warning.send_id for warning in trouble.warnings if warning.send_id]
    batch = await visit.use_cases.retry_batch(visit.tenant.id, failed, by=visit.by)
    return GoTo(f"{visit.home}/batches/{batch.id}")
