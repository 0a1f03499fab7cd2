"""Sends: the list with its filters in the address, one send with its actions, and many at once."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlencode

from adapters.inbound.console.page_request import Redirect, Rendered, TenantRequest
from adapters.inbound.console.words import STATES, mark_rows, send_row
from adapters.inbound.server.event_stream import EventStream, StreamEvent
from core.model.operations.audit import AuditEntry, AuditFilter
from core.model.planning.items_held import ITEMS_UNKNOWN
from core.model.sending.send import Attempt, Send, SendState
from core.model.shared.errors import BadInput, Conflict, JobferryError
from core.services.sending.batches import LARGEST_BATCH, BatchRequest
from ports.change_feed import send_topic

SHOWN = 50
_TICK = "pick."
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


async def _filters_of(request: TenantRequest, asked: Mapping[str, str]) -> Filters:
    """The filters in a query or form; unknown values are ignored."""
    state = next((one for one in SendState if one.value == asked.get("state")), None)
    connections = await request.use_cases.find_connection.all(request.tenant.id)
    slug = next((one.slug for one in connections if one.slug == asked.get("connection")), None)
    return Filters(state, slug, asked.get("batch", "")[:_LONGEST_ID] or None)


async def list_sends(request: TenantRequest) -> Rendered:
    filters = await _filters_of(request, request.query)
    connections = await request.use_cases.find_connection.all(request.tenant.id)
    found = await request.use_cases.list_sends(
        request.tenant.id,
        states=filters.states,
        connection=filters.connection,
        batch_id=filters.batch,
        limit=SHOWN,
        before=request.before,
    )
    older = urlencode({**filters.address, "before": found.next_before}) if found.next_before is not None else ""
    return Rendered(
        "sends.html",
        {
            "rows": [send_row(one, found.names[one.connection_id], found.progress[one.id]) for one in found.sends],
            "states": STATES,
            "filters": filters,
            "connections": connections,
            "older": older,
            "most": LARGEST_BATCH,
            "once": secrets.token_hex(16),
        },
    )


async def show_send(request: TenantRequest) -> Rendered:
    return await shown_send(request)


async def shown_send(
    request: TenantRequest, error: JobferryError | None = None, typed: Mapping[str, str] | None = None
) -> Rendered:
    """The page of the send. `error` is why a form on it was refused, `typed` what its code inputs held."""
    news = await request.use_cases.follow_send(request.tenant.id, request.path["send_id"])
    if news is None:
        raise LookupError("a send always has a state")
    details, send = news.details, news.details.send
    attempts, earlier = details.attempts, details.attempts[0].seq if details.more_attempts else None
    if request.before is not None:
        page = await request.use_cases.list_attempts(request.tenant.id, send.id, before=request.before)
        attempts, earlier = page.attempts[::-1], page.next_before
    failed = send.state is SendState.NEEDS_ATTENTION
    code_form = (
        await request.use_cases.show_code_forms.of_send(request.tenant.id, details.connection, send) if failed else None
    )
    acts = await request.use_cases.list_audit(request.tenant.id, only=AuditFilter(subject=send.id))
    return Rendered(
        "send.html",
        {
            "send": send,
            "code_form": code_form,
            "typed": typed or {},
            "requester": next((one.actor_name for one in acts.entries if one.action == "send.requested"), ""),
            "happened": _in_turn(attempts, acts.entries, earlier is not None, request.before is not None),
            "connection": details.connection,
            "earlier": earlier,
            "lines": details.lines,
            "state": STATES[send.state],
            "sentence": details.outcome,
            "marks": mark_rows(send, details.progress, details.connection.name),
            "can_retry": send.state in (SendState.NEEDS_ATTENTION, SendState.RETRYING),
            "can_cancel": send.state in (SendState.QUEUED, SendState.RETRYING) and not send.begun,
            "can_mark_done": send.state is SendState.NEEDS_ATTENTION,
            "ask_what_stands": (
                send.state is SendState.NEEDS_ATTENTION and any(found.code == ITEMS_UNKNOWN for found in send.findings)
            ),
            "under_way": not send.state.settled and request.before is None,
            "mark": news.mark,
        },
        error=error,
    )


def _in_turn(
    attempts: Sequence[Attempt], acts: Sequence[AuditEntry], earlier: bool, later: bool
) -> Sequence[Attempt | AuditEntry]:
    """The attempts of a page with what people did meanwhile (`acts`, newest first), in order. `earlier`, `later`: other
    pages have more attempts."""
    first = attempts[0].started_at if earlier else None
    last = attempts[-1].started_at if later else None
    meanwhile = [
        one
        for one in reversed(acts)
        if one.action != "send.requested" and (first is None or one.at >= first) and (last is None or one.at <= last)
    ]
    return sorted([*attempts, *meanwhile], key=lambda one: one.started_at if isinstance(one, Attempt) else one.at)


async def follow_send(request: TenantRequest) -> EventStream:
    """Report only that something changed; the page then loads itself again."""
    follow, of_send = request.use_cases.follow_send, (request.tenant.id, request.path["send_id"])

    async def look(seen: str) -> StreamEvent | None:
        news = await follow(*of_send, seen=seen or request.seen)
        return StreamEvent(news.mark, "end" if news.last else "news", news.mark, news.last) if news else None

    await follow(*of_send)  # an unknown send gives a 404 before the stream begins
    return EventStream(topic=send_topic(of_send[1]), watch=partial(follow.watch, *of_send), look=look)


async def retry(request: TenantRequest) -> Redirect:
    await request.use_cases.send_actions.retry(request.tenant.id, request.path["send_id"], by=request.by)
    return _back(request)


async def cancel(request: TenantRequest) -> Redirect:
    await request.use_cases.send_actions.cancel(request.tenant.id, request.path["send_id"], by=request.by)
    return _back(request)


async def mark_done(request: TenantRequest) -> Redirect:
    await request.use_cases.send_actions.mark_done(
        request.tenant.id, request.path["send_id"], reason=request.form.get("reason", ""), by=request.by
    )
    return _back(request)


def _back(request: TenantRequest) -> Redirect:
    return Redirect(f"{request.home}/sends/{request.path['send_id']}")


async def again(request: TenantRequest) -> Redirect:
    """Retry the failed sends, or send their jobs again; the pressed button decides."""
    asked = request.form.get("do")
    if asked not in ("again", "anew"):
        raise BadInput("No button was pressed.", fix="Go back and press one of the buttons.")
    if asked == "anew":
        return await _send_anew(request, await _chosen(request, tuple(SendState)))
    failed = await _chosen(request, (SendState.NEEDS_ATTENTION, SendState.RETRYING))
    batch = await request.use_cases.batches.retry(request.tenant.id, [send.id for send in failed], by=request.by)
    return Redirect(f"{request.home}/batches/{batch.id}")


async def show_batch(request: TenantRequest) -> Rendered:
    batch = await request.use_cases.batches.show(request.tenant.id, request.path["batch_id"])
    done = sum(count for state, count in batch.states.items() if state.settled)
    counted = [(STATES[state], count, state.value) for state, count in batch.states.items()]
    return Rendered(
        "batch.html",
        {
            "batch": batch,
            "done": done,
            "states": sorted(counted, key=lambda one: -one[1]),
            "under_way": not batch.settled,
            "failed": batch.states.get(SendState.NEEDS_ATTENTION, 0),
            "to_check": batch.states.get(SendState.IN_DOUBT, 0),
        },
    )


async def _chosen(request: TenantRequest, states: Sequence[SendState]) -> Sequence[Send]:
    """The ticked sends, or the newest sends in these states that match the filters. Raises BadInput for none."""
    if request.form.get("which") == "all":
        filters = await _filters_of(request, request.form)
        wanted = [state for state in states if filters.state in (None, state)]
        found = await request.use_cases.list_sends(
            request.tenant.id, states=wanted, connection=filters.connection, batch_id=filters.batch, limit=LARGEST_BATCH
        )
        chosen = found.sends if wanted else ()
    else:
        ids = [name.removeprefix(_TICK) for name in request.form if name.startswith(_TICK)]
        chosen = [(await request.use_cases.show_send(request.tenant.id, one)).send for one in ids[:LARGEST_BATCH]]
    if not chosen:
        raise BadInput("Nothing is chosen.", fix="Go back and tick some sends, or choose all that match.")
    return chosen


async def _send_anew(request: TenantRequest, chosen: Sequence[Send]) -> Redirect:
    connections = {one.id: one.slug for one in await request.use_cases.find_connection.all(request.tenant.id)}
    slugs = {connections[send.connection_id] for send in chosen}
    if len(slugs) > 1:
        raise Conflict(
            "These sends go to several connections.",
            code="SEVERAL_CONNECTIONS",
            fix="Go back, choose one connection above the list, and press Show.",
        )
    batch_request = BatchRequest(
        connection=slugs.pop(), job_ids=tuple(dict.fromkeys(send.job_id for send in chosen)), requested_by=request.by
    )
    once = request.form.get("once") or None
    batch = await request.use_cases.batches.request(
        request.tenant.id, batch_request, idempotency_key=f"console-{once}"[:100] if once else None
    )
    return Redirect(f"{request.home}/batches/{batch.id}")
