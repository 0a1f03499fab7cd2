"""Many sends at once: retry or repeat the ticked sends, or all that match the filters, and show the progress."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.inbound.console.handlers.sends import filters_of
from adapters.inbound.console.page_request import Redirect, Rendered, TenantRequest
from adapters.inbound.console.words import STATES
from core.model.sending.send import Send, SendState
from core.model.shared.errors import BadInput, Conflict
from core.services.sending.request_batch import LARGEST_BATCH, BatchRequest

_TICK = "pick."


async def again(request: TenantRequest) -> Redirect:
    """Retry the failed sends, or send their jobs again; the pressed button decides."""
    asked = request.form.get("do")
    if asked not in ("again", "anew"):
        raise BadInput("No button was pressed.", fix="Go back and press one of the buttons.")
    if asked == "anew":
        return await _send_anew(request, await _chosen(request, tuple(SendState)))
    failed = await _chosen(request, (SendState.NEEDS_ATTENTION, SendState.RETRYING))
    batch = await request.use_cases.retry_batch(request.tenant.id, [send.id for send in failed], by=request.by)
    return Redirect(f"{request.home}/batches/{batch.id}")


async def show_batch(request: TenantRequest) -> Rendered:
    batch = await request.use_cases.request_batch.show(request.tenant.id, request.path["batch_id"])
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
        },
    )


async def _chosen(request: TenantRequest, states: Sequence[SendState]) -> Sequence[Send]:
    """The ticked sends, or the newest sends in these states that match the filters. Raises BadInput for none."""
    if request.form.get("which") == "all":
        filters = await filters_of(request, request.form)
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
    batch = await request.use_cases.request_batch(
        request.tenant.id, batch_request, idempotency_key=f"console-{once}"[:100] if once else None
    )
    return Redirect(f"{request.home}/batches/{batch.id}")
