"""Home, for triage: what waits for a person, by cause; the connections; and a chart of the last days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

from adapters.inbound.console.days_chart import chart_of
from adapters.inbound.console.handlers.first_steps import first_steps_content
from adapters.inbound.console.page_request import Redirect, Rendered, TenantRequest
from adapters.inbound.console.words import connection_row, title
from adapters.inbound.server.event_stream import EventStream, StreamEvent
from core.model.catalogue import CATALOGUE
from core.model.operations.job_counts import Waiting
from core.model.shared.errors import BadInput
from core.model.shared.finding import Finding
from core.services.operations.count_jobs import Notice
from core.services.operations.show_home import CauseRow, Home
from core.services.sending.batches import LARGEST_BATCH
from core.services.sending.show_code_forms import CodeForm
from ports.change_feed import tenant_topic

CONNECTIONS_SHOWN = 20
LOOK_SECONDS = 5.0
"""How late an open page shows a change."""
_AGAIN = {one.value: one for one in (Waiting.NEEDS_ATTENTION, Waiting.RETRYING, Waiting.STOPPED)}


@dataclass(frozen=True, slots=True)
class RowOnPage:
    """A cause with its short title, and with forms for the codes that its sends lack."""

    title: str
    row: CauseRow
    forms: Sequence[CodeForm]


@dataclass(frozen=True, slots=True)
class NoticeOnPage:
    title: str
    notice: Notice


async def home(request: TenantRequest) -> Rendered:
    """Of many connections, those that do not work come first, and the others are in the list of all."""
    view = await request.use_cases.show_home(request.tenant)
    rows = [connection_row(one) for one in view.connections]
    standing = [row for row in rows if row.waits]
    working = [row for row in rows if not row.waits]
    return Rendered(
        "home.html",
        {
            "view": view,
            **await first_steps_content(request),
            "mark": _mark(view),
            "names": {one.id: one.name for one in view.connections},
            "standing": standing[:CONNECTIONS_SHOWN],
            "standing_left_out": len(standing[CONNECTIONS_SHOWN:]),
            "rows": working[:CONNECTIONS_SHOWN],
            "left_out": len(working[CONNECTIONS_SHOWN:]),
            "causes": [await _on_page(request, one) for one in view.rows],
            "notices": [NoticeOnPage(title(one.warnings[0].finding), one) for one in view.notices],
            "chart": chart_of(view.days),
        },
    )


async def follow_home(request: TenantRequest) -> EventStream:
    """Report only that something on the page changed; its live part then loads itself again."""
    tenant_id = request.tenant.id

    async def look(seen: str) -> StreamEvent | None:
        tenant = await request.use_cases.find_tenant.by_id(tenant_id)
        mark = _mark(await request.use_cases.show_home(tenant))
        return None if mark == (seen or request.seen) else StreamEvent(mark, "news", mark, False)

    async def watch(_: float) -> None:
        """Sends are told of one by one only, so a look every few seconds finds what changed."""

    return EventStream(topic=tenant_topic(tenant_id), watch=watch, look=look, every=LOOK_SECONDS)


async def show_cause(request: TenantRequest) -> Rendered:
    code = request.path["code"]
    rows, notice = await request.use_cases.show_home.of_cause(request.tenant, code)
    connections = await request.use_cases.find_connection.all(request.tenant.id)
    return Rendered(
        "cause.html",
        {
            "code": code,
            "heading": _title(code, notice.warnings[0].finding if notice else _finding(rows[0])),
            "rows": [await _on_page(request, one) for one in rows],
            "notice": notice,
            "names": {one.id: one.name for one in connections},
        },
    )


async def send_cause_again(request: TenantRequest) -> Redirect:
    """Retry the newest send of each job in one row of causes; those that have not failed any more are ignored. Several
    failed sends of a job may post its items several times, so the older ones are left to a person."""
    waiting = _AGAIN.get(request.form.get("waiting", ""))
    if waiting is None:
        raise BadInput("No button was pressed.", fix="Go back and press one of the buttons.")
    rows, _ = await request.use_cases.show_home.of_cause(request.tenant, request.path["code"])
    chosen = [send.send_id for row in rows if row.tally.waiting is waiting for send in row.jobs][:LARGEST_BATCH]
    batch = await request.use_cases.batches.retry(request.tenant.id, chosen, by=request.by)
    return Redirect(f"{request.home}/batches/{batch.id}")


async def _on_page(request: TenantRequest, row: CauseRow) -> RowOnPage:
    forms = await request.use_cases.show_code_forms.of_warnings(request.tenant.id, row.needs)
    return RowOnPage(_title(row.tally.code, _finding(row)), row, forms)


def _title(code: str, found: Finding | None) -> str:
    """The short title of a cause, also if no send with it is left to show."""
    entry = CATALOGUE.get(code)
    return title(found) if found else entry.title if entry else code or "Unknown cause"


def _finding(row: CauseRow) -> Finding | None:
    return row.sends[0].finding if row.sends else None


def _mark(view: Home) -> str:
    """Another one after any change of what the page shows."""
    connections = [(one.id, one.version, one.paused, one.hold, one.items_hold) for one in view.connections]
    seen = (view.attention, view.waiting, view.rows, view.notices, view.doubts, view.days, connections)
    return f"{crc32(repr(seen).encode()):08x}"
