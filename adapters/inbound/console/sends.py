"""Sends: the list with its filters in the address, and one send with its story and what can be done about it."""

from __future__ import annotations

from urllib.parse import urlencode

from adapters.inbound.console.overview import send_row
from adapters.inbound.console.visit import Drawn, GoTo, Visit
from adapters.inbound.console.words import STATES
from adapters.inbound.wording import outcome_words
from core.model.cost_line import LineState
from core.model.send import SendState

SHOWN = 50
_LOOK_AGAIN_SECONDS = 5
"""While a send is under way, its page comes anew by itself."""


async def list_sends(visit: Visit) -> Drawn:
    asked = visit.query
    state = next((one for one in SendState if one.value == asked.get("state")), None)
    connections = await visit.use_cases.find_connection.all(visit.tenant.id)
    slug = next((one.slug for one in connections if one.slug == asked.get("connection")), None)
    found = await visit.use_cases.list_sends(
        visit.tenant.id, states=(state,) if state else (), connection=slug, limit=SHOWN,
        before=visit.before,
    )  # fmt: skip
    names = {one.slug: one.name for one in connections}
    kept = {name: value for name, value in (("state", state and state.value), ("connection", slug)) if value}
    older = urlencode({**kept, "before": found.next_before}) if found.next_before is not None else ""
    return Drawn("sends.html", {
        "rows": [send_row(one, names[found.slugs[one.connection_id]]) for one in found.sends],
        "states": STATES,
        "state": state,
        "connections": connections,
        "connection": slug,
        "older": older,
    })  # fmt: skip


async def show_send(visit: Visit) -> Drawn:
    details = await visit.use_cases.show_send(visit.tenant.id, visit.path["send_id"])
    send = details.send
    return Drawn("send.html", {
        "send": send,
        "connection": details.connection,
        "attempts": details.attempts,
        "lines": details.lines,
        "state": STATES[send.state],
        "sentence": outcome_words(send, details.connection.name),
        "can_retry": send.state in (SendState.NEEDS_ATTENTION, SendState.RETRYING),
        "can_cancel": send.state in (SendState.QUEUED, SendState.RETRYING) and not send.begun,
        "can_mark_done": send.state is SendState.NEEDS_ATTENTION,
        "look_again": None if send.state.settled else _LOOK_AGAIN_SECONDS,
    })  # fmt: skip


async def retry(visit: Visit) -> GoTo:
    await visit.use_cases.retry_send(visit.tenant.id, visit.path["send_id"])
    return _back(visit)


async def cancel(visit: Visit) -> GoTo:
    await visit.use_cases.cancel_send(visit.tenant.id, visit.path["send_id"])
    return _back(visit)


async def mark_done(visit: Visit) -> GoTo:
    await visit.use_cases.mark_done(
        visit.tenant.id, visit.path["send_id"], reason=visit.form.get("reason", ""), by=visit.by
    )
    return _back(visit)


async def settle(visit: Visit) -> GoTo:
    outcome = LineState.POSTED if visit.form.get("outcome") == "posted" else LineState.NOT_POSTED
    await visit.use_cases.settle_doubt(
        visit.tenant.id, visit.path["line_id"], outcome, reason=visit.form.get("reason", ""), by=visit.by
    )
    return _back(visit)


def _back(visit: Visit) -> GoTo:
    return GoTo(f"{visit.home}/sends/{visit.path['send_id']}")
