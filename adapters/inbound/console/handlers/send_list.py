"""The list of sends with its filters in the address, as a page and as a CSV file, and many of them at once."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import datetime
from urllib.parse import urlencode

from adapters.inbound.console.page_request import Redirect, Rendered, StreamedFile, TenantRequest
from adapters.inbound.console.send_filters import Filters, filters_of, limited_to
from adapters.inbound.console.words import STATES, cause_title, send_row
from core.model.sending.send import Send, SendState
from core.model.shared.csv_cells import csv_rows
from core.model.shared.errors import BadInput, Conflict
from core.services.sending.batches import LARGEST_BATCH, Batch, BatchRequest
from core.services.sending.list_sends import SendPage

SHOWN = 50
_COUNTS = {str(number) for number in range(1, LARGEST_BATCH + 1)}
_TICK = "pick."
_COLUMNS = (
    *("Send", "Requested", "Requested by", "Job number", "Job id", "Customer", "Work order", "Connection"),
    *("State", "Cause", "What happened", "Ended"),
)
_RETRY, _CANCEL, _AGAIN = "retry", "cancel", "again"
_POSSIBLE: Mapping[str, tuple[SendState, ...]] = {
    _RETRY: (SendState.NEEDS_ATTENTION, SendState.RETRYING),
    _CANCEL: (SendState.QUEUED, SendState.RETRYING),
    _AGAIN: tuple(SendState),
}
"""What the buttons do, and with sends in which states."""


async def list_sends(request: TenantRequest) -> Rendered:
    filters = await filters_of(request, request.query)
    connections = await request.use_cases.find_connection.all(request.tenant.id)
    problem, total, page = filters.problem, 0, SendPage()
    if not problem:
        try:
            page = await request.use_cases.list_sends(
                request.tenant.id, filters.only, limit=SHOWN, before=request.before
            )
            total = await request.use_cases.list_sends.count(request.tenant.id, filters.only, most=LARGEST_BATCH + 1)
        except BadInput as error:  # too many customers have the text in their names
            problem = f"{error.message} {error.fix}"
    causes = {*await request.use_cases.list_sends.causes(request.tenant.id), filters.asked.get("cause", "")} - {""}
    here = {**filters.asked, **({"before": str(request.before)} if request.before is not None else {})}
    ticked = request.query.get("tick") == "page"
    return Rendered(
        "sends.html",
        {
            "rows": [send_row(one, page.names[one.connection_id], page.progress[one.id]) for one in page.sends],
            "states": STATES,
            "filters": filters,
            "problem": problem,
            "narrowed": bool(filters.asked.keys() - {"text", "batch"}),
            "connections": connections,
            "causes": sorted((cause_title(code), code) for code in causes),
            "total": total,
            "most": LARGEST_BATCH,
            "ticked": ticked,
            "tick": urlencode(here if ticked else {**here, "tick": "page"}),
            "same": urlencode(filters.asked),
            "older": urlencode({**filters.asked, "before": page.next_before}) if page.next_before is not None else "",
            "newer": request.before is not None,
            "once": secrets.token_hex(16),
        },
    )


async def export_sends(request: TenantRequest) -> StreamedFile:
    """All sends that match, not only a page. Its times are in the tenant's zone, with their difference to UTC."""
    filters = await filters_of(request, request.query)
    if filters.problem:
        raise BadInput(filters.problem, fix="Go back and correct the filters above the list.")
    pages = request.use_cases.list_sends.pages(request.tenant.id, filters.only)
    first = await anext(pages)  # what is wrong with the filter is told before the file begins

    async def pieces() -> AsyncIterator[str]:
        yield csv_rows([_COLUMNS, *_rows(request, first)])
        async for page in pages:
            yield csv_rows(_rows(request, page))

    return StreamedFile(f"sends-{request.tenant.slug}.csv", pieces())


def _rows(request: TenantRequest, page: SendPage) -> Iterator[Sequence[str]]:
    for send in page.sends:
        row = send_row(send, page.names[send.connection_id], page.progress[send.id])
        yield (
            send.id,
            _moment(request, send.requested_at),
            row.by,
            send.job_number or "",
            send.job_id,
            send.customer or "",
            row.work_order,
            row.connection,
            row.state.text,
            row.why,
            send.cause.message if send.cause else "",
            _moment(request, send.finished_at),
        )


def _moment(request: TenantRequest, at: datetime | None) -> str:
    return at.astimezone(request.zone).isoformat(timespec="seconds") if at else ""


async def change_many(request: TenantRequest) -> Redirect | Rendered:
    """Retry or cancel sends, or send their jobs again, as the pressed button says: those that are ticked at once; all
    that match the filters only after a page that says how many they are. What that page shows is what is done."""
    asked = request.form.get("do", "")
    if asked not in _POSSIBLE:
        raise BadInput("No button was pressed.", fix="Go back and press one of the buttons.")
    if request.form.get("which") == "all":
        return await _confirm(request, asked)
    ids = [name.removeprefix(_TICK) for name in request.form if name.startswith(_TICK)][:LARGEST_BATCH]
    if not ids:
        raise BadInput("No send is ticked.", fix="Go back and tick some sends, or choose all that match.")
    batch = await _carried_out(request, asked, ids)
    left_out = len(ids) - batch.total if asked != _AGAIN else 0
    return Redirect(f"{request.home}/batches/{batch.id}" + (f"?left_out={left_out}" if left_out else ""))


async def _confirm(request: TenantRequest, asked: str) -> Rendered:
    filters = await filters_of(request, request.form)
    if filters.problem:
        raise BadInput(filters.problem, fix="Go back and correct the filters above the list.")
    possible, found = limited_to(filters.only, _POSSIBLE[asked]), SendPage()
    if possible:
        found = await request.use_cases.list_sends(request.tenant.id, possible, limit=LARGEST_BATCH, plans=False)
    if asked == _AGAIN:
        _require_one_connection(found.sends)
    counted = Counter(send.state for send in found.sends)
    return Rendered(
        "sends_confirm.html",
        {
            "asked": asked,
            "sends": found.sends,
            "jobs": len({send.job_id for send in found.sends}),
            "more": found.next_before is not None,
            "states": [(STATES[state], counted[state]) for state in SendState if counted[state]],
            "most": LARGEST_BATCH,
            "once": secrets.token_hex(16),
            "back": _address(request, filters),
        },
    )


async def _carried_out(request: TenantRequest, asked: str, ids: Sequence[str]) -> Batch:
    batches = request.use_cases.batches
    if asked == _RETRY:
        return await batches.retry(request.tenant.id, ids, by=request.by)
    if asked == _CANCEL:
        return await batches.cancel(request.tenant.id, ids, by=request.by)
    chosen = [(await request.use_cases.show_send(request.tenant.id, one)).send for one in ids]
    connections = {one.id: one.slug for one in await request.use_cases.find_connection.all(request.tenant.id)}
    _require_one_connection(chosen)
    wanted = BatchRequest(
        connection=connections[chosen[0].connection_id],
        job_ids=tuple(dict.fromkeys(send.job_id for send in chosen)),
        requested_by=request.by,
        request_id=request.request_id,
    )
    once = request.form.get("once") or None
    key = f"console-{once}"[:100] if once else None
    return await batches.request(request.tenant.id, wanted, idempotency_key=key)


def _require_one_connection(chosen: Sequence[Send]) -> None:
    if len({send.connection_id for send in chosen}) > 1:
        raise Conflict(
            "These sends go to several connections.",
            code="SEVERAL_CONNECTIONS",
            fix="Go back, choose one connection above the list, and press Show.",
        )


async def show_batch(request: TenantRequest) -> Rendered:
    batch = await request.use_cases.batches.show(request.tenant.id, request.path["batch_id"])
    done = sum(count for state, count in batch.states.items() if state.settled)
    counted = [(STATES[state], count, state.value) for state, count in batch.states.items()]
    left_out = request.query.get("left_out", "")
    return Rendered(
        "batch.html",
        {
            "batch": batch,
            "done": done,
            "states": sorted(counted, key=lambda one: -one[1]),
            "under_way": not batch.settled,
            "failed": batch.states.get(SendState.NEEDS_ATTENTION, 0),
            "to_check": batch.states.get(SendState.IN_DOUBT, 0),
            "left_out": int(left_out) if left_out in _COUNTS else 0,
        },
    )


def _address(request: TenantRequest, filters: Filters) -> str:
    return f"{request.home}/sends" + (f"?{urlencode(filters.asked)}" if filters.asked else "")
