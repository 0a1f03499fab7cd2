"""One send with its actions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from adapters.inbound.console.page_request import Redirect, Rendered, TenantRequest
from adapters.inbound.console.words import STATES, mark_rows
from adapters.inbound.server.event_stream import EventStream, StreamEvent
from core.model.operations.audit import AuditEntry, AuditFilter
from core.model.planning.items_held import ITEMS_UNKNOWN
from core.model.sending.send import Attempt, SendState
from core.model.shared.errors import JobferryError
from core.services.sending.annotations.unclear_annotations import UnclearAnnotation
from core.services.sending.read_sends import SendDetails
from ports.change_feed import send_topic


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
            "annotations": details.annotations,
            "unclear": await _unclear(request, details) if details.annotations else {},
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


async def _unclear(request: TenantRequest, details: SendDetails) -> Mapping[str, UnclearAnnotation]:
    """The job's notes and documents to check on this connection, by the keys of the plan."""
    found = await request.use_cases.unclear_annotations.list(
        request.tenant.id, connection=details.connection.slug, job_id=details.send.job_id
    )
    return {one.key: one for one in found}


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
