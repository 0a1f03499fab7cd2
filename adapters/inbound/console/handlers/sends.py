"""Sends: the list with its filters in the address, and one send with its history and actions."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from adapters.inbound.console.page_request import Redirect, Rendered, TenantRequest
from adapters.inbound.console.words import STATES, send_row
from adapters.inbound.schema.wording import outcome_words
from adapters.inbound.server.event_stream import EventStream, StreamEvent
from core.model.planning.items_held import ITEMS_UNKNOWN
from core.model.sending.send import SendState
from core.services.sending.request_batch import LARGEST_BATCH

SHOWN = 50
_LONGEST_ID = 60


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of the list; None for all. `address` gives them as query parameters."""

    state: SendState | None
    connection: str | None
    batch: str | None

    @property
    def states(self) -> tuple[SendState, ...]:
        return (self.state,) if self.state else ()

    @property
    def address(self) -> dict[str, str]:
        given = {"state": self.state and self.state.value, "connection": self.connection, "batch": self.batch}
        return {name: value for name, value in given.items() if value}


async def filters_of(request: TenantRequest, asked: Mapping[str, str]) -> Filters:
    """The filters in a query or form; unknown values are ignored."""
    state = next((one for one in SendState if one.value == asked.get("state")), None)
    connections = await request.use_cases.find_connection.all(request.tenant.id)
    slug = next((one.slug for one in connections if one.slug == asked.get("connection")), None)
    return Filters(state, slug, asked.get("batch", "")[:_LONGEST_ID] or None)


async def list_sends(request: TenantRequest) -> Rendered:
    filters = await filters_of(request, request.query)
    connections = await request.use_cases.find_connection.all(request.tenant.id)
    found = await request.use_cases.list_sends(
        request.tenant.id,
        states=filters.states,
        connection=filters.connection,
        batch_id=filters.batch,
        limit=SHOWN,
        before=request.before,
    )
    names = {one.slug: one.name for one in connections}
    older = urlencode({**filters.address, "before": found.next_before}) if found.next_before is not None else ""
    return Rendered(
        "sends.html",
        {
            "rows": [send_row(one, names[found.slugs[one.connection_id]]) for one in found.sends],
            "states": STATES,
            "filters": filters,
            "connections": connections,
            "older": older,
            "most": LARGEST_BATCH,
            "once": secrets.token_hex(16),
        },
    )


async def show_send(request: TenantRequest) -> Rendered:
    news = await request.use_cases.follow_send(request.tenant.id, request.path["send_id"])
    if news is None:
        raise LookupError("a send always has a state")
    details, send = news.details, news.details.send
    return Rendered(
        "send.html",
        {
            "send": send,
            "connection": details.connection,
            "attempts": details.attempts,
            "lines": details.lines,
            "state": STATES[send.state],
            "sentence": outcome_words(send, details.connection.name),
            "can_retry": send.state in (SendState.NEEDS_ATTENTION, SendState.RETRYING),
            "can_cancel": send.state in (SendState.QUEUED, SendState.RETRYING) and not send.begun,
            "can_mark_done": send.state is SendState.NEEDS_ATTENTION,
            "ask_what_stands": (
                send.state is SendState.NEEDS_ATTENTION and any(found.code == ITEMS_UNKNOWN for found in send.findings)
            ),
            "under_way": not send.state.settled,
            "mark": news.mark,
        },
    )


async def follow_send(request: TenantRequest) -> EventStream:
    """Report only that something changed; the page then loads itself again."""
    tenant_id, send_id, follow = request.tenant.id, request.path["send_id"], request.use_cases.follow_send

    async def following(seen: str, seconds: float) -> StreamEvent | None:
        news = await follow(tenant_id, send_id, seen=seen or request.seen, seconds=seconds)
        return StreamEvent(news.mark, "end" if news.last else "news", news.mark, news.last) if news else None

    await follow(tenant_id, send_id)  # an unknown send gives a 404 before the stream begins
    return EventStream(following=following)


async def retry(request: TenantRequest) -> Redirect:
    await request.use_cases.retry_send(request.tenant.id, request.path["send_id"])
    return _back(request)


async def cancel(request: TenantRequest) -> Redirect:
    await request.use_cases.cancel_send(request.tenant.id, request.path["send_id"])
    return _back(request)


async def mark_done(request: TenantRequest) -> Redirect:
    await request.use_cases.mark_done(
        request.tenant.id, request.path["send_id"], reason=request.form.get("reason", ""), by=request.by
    )
    return _back(request)


def _back(request: TenantRequest) -> Redirect:
    return Redirect(f"{request.home}/sends/{request.path['send_id']}")
