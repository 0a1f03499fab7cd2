"""Completed jobs compared with what was sent: start it, and what is not accounted for, each with what to do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from adapters.inbound.console.days import day_of
from adapters.inbound.console.page_request import Redirect, Rendered, StreamedFile, TenantRequest
from adapters.inbound.console.words import StateWords
from adapters.inbound.schema.reconciliations import COLUMNS, csv_cells
from core.model.reconciliation.entry import (
    ACCOUNTED,
    DIFFERS,
    UNCOMPARED,
    Difference,
    Entry,
    Kind,
    Place,
    ReconciledJob,
    mark_of,
)
from core.model.reconciliation.report_words import DIFFERENCES, days_words, result_words
from core.model.reconciliation.run import RunState
from core.model.shared.csv_cells import csv_rows
from core.model.shared.errors import BadInput
from core.services.reconciliation.send_missing import sendable

SHOWN, _RUNS = 50, 20
_TONES: Mapping[Kind, tuple[str, str]] = {
    Kind.DOUBLED: ("alarm", "!"),
    Kind.UNCLEAR: ("alarm", "?"),
    Kind.MISSING: ("alarm", "!"),
    Kind.DRIFTED: ("care", "≠"),
    Kind.NEVER_ASKED: ("care", "+"),
    Kind.WAITING: ("calm", "…"),
    Kind.UNREADABLE: ("alarm", "?"),
}
_KINDS = {kind: StateWords(DIFFERENCES[kind], *tone) for kind, tone in _TONES.items()}
_STATES = {
    RunState.RUNNING: StateWords("Running", "calm", "→"),
    # In no colour: whether all is well, the page of the comparison tells.
    RunState.WHOLE: StateWords("All compared", "calm", "·"),
    RunState.INCOMPLETE: StateWords("Not all compared", "alarm", "!"),
}
_FILTERS = (DIFFERS, *(kind.value for kind in Kind), UNCOMPARED, ACCOUNTED)
_NO_CONNECTION = "-"


@dataclass(frozen=True, slots=True)
class Finding:
    """One row of the list: a difference of a job, or that it has none. `act` is the button's words, `address` where it
    leads."""

    job: ReconciledJob
    entry: Entry
    difference: Difference | None
    state: StateWords
    act: str
    address: str


async def list_reconciliations(request: TenantRequest) -> Rendered:
    page = await request.use_cases.read_reconciliations.page(request.tenant.id, limit=_RUNS, before=request.before)
    yesterday = request.now.astimezone(request.zone).date() - timedelta(days=1)
    return Rendered(
        "reconciliation/reconciliations.html",
        {
            "runs": [(run, _STATES[run.state], days_words(run)) for run in page.runs],
            "older": page.next_before,
            "day": yesterday.isoformat(),
            "today": (yesterday + timedelta(days=1)).isoformat(),
        },
    )


async def start_reconciliation(request: TenantRequest) -> Redirect:
    first, last = (day_of(request.form.get(name, "")) for name in ("from", "to"))
    if first is None:
        raise BadInput("The first day is missing or not a day.", fix="Go back and enter it, such as 2026-11-29.")
    run = await request.use_cases.start_reconciliation(request.tenant.id, first, last or first, by=request.by)
    return Redirect(f"{request.home}/reconciliations/{run.id}")


async def show_reconciliation(request: TenantRequest) -> Rendered:
    reading, run_id = request.use_cases.read_reconciliations, request.path["reconciliation"]
    shown = await reading.show(request.tenant.id, run_id)
    names = {one.slug: one.name for one in await request.use_cases.find_connection.all(request.tenant.id)}
    asked = _asked(request)
    page = await reading.jobs(
        request.tenant.id, run_id, **_only(asked), limit=SHOWN, after=_after(request.query.get("after", ""))
    )
    connection = _only(asked)["connection"]
    return Rendered(
        "reconciliation/reconciliation.html",
        {
            "run": shown.run,
            "tally": shown.tally,
            "days": days_words(shown.run),
            "said": result_words(shown.run, shown.tally),
            "good": shown.run.state is RunState.WHOLE and shown.tally.checked and not shown.tally.differs(),
            "kinds": _KINDS,
            "names": names,
            "here": f"{request.home}/reconciliations/{run_id}",
            "filters": _filters(asked, shown.tally.marks, connection),
            "asked": asked,
            "fresh": sendable(shown.run, request.now),
            "missing_of": [slug for slug in shown.tally.connections if slug in names and connection in (None, slug)],
            "same": urlencode(asked),
            "rows": [row for job in page.jobs for row in _rows(request, job, connection, asked["kind"])],
            "more": urlencode({**asked, "after": page.next_after}) if page.next_after is not None else "",
            "newer": bool(request.query.get("after")),
        },
    )


async def export_reconciliation(request: TenantRequest) -> StreamedFile:
    """All jobs that match, a row for each difference. Its times are UTC, as in the API."""
    run_id, only = request.path["reconciliation"], _only(_asked(request))
    pages = request.use_cases.read_reconciliations.all_jobs(request.tenant.id, run_id, **only)
    first = await anext(pages)  # what is wrong is told before the file begins

    async def pieces() -> AsyncIterator[str]:
        yield csv_rows([COLUMNS, *csv_cells(first, only["connection"])])
        async for jobs in pages:
            yield csv_rows(csv_cells(jobs, only["connection"]))

    return StreamedFile(f"completed-jobs-{request.tenant.slug}-{run_id}.csv", pieces())


def _asked(request: TenantRequest) -> dict[str, str]:
    """The filters in the address; unknown ones are ignored."""
    kind = request.query.get("kind", "")
    asked = {"kind": kind if kind in (*_FILTERS, "all") else DIFFERS}
    if connection := request.query.get("connection", "").strip():
        asked["connection"] = connection
    return asked


def _only(asked: Mapping[str, str]) -> dict[str, str | None]:
    """The same for the use case."""
    connection = asked.get("connection")
    kind = None if asked["kind"] == "all" else asked["kind"]
    return {"kind": kind, "connection": "" if connection == _NO_CONNECTION else connection}


def _after(text: str) -> str | None:
    return text if text.isascii() and text.isdecimal() and len(text) <= 16 else None


def _filters(
    asked: Mapping[str, str], marks: Mapping[str, int], connection: str | None
) -> list[tuple[str, str, int, bool]]:
    """Words, address, count and whether it is chosen, of each list that is not empty."""
    words = {DIFFERS: "Not accounted for", ACCOUNTED: "Accounted for", UNCOMPARED: "Not compared whole"}
    words |= {kind.value: said for kind, said in DIFFERENCES.items()}
    found = []
    for kind in _FILTERS:
        number = marks.get(mark_of(kind, connection), 0)
        if number or kind == asked["kind"]:
            found.append((words[kind], urlencode({**asked, "kind": kind}), number, kind == asked["kind"]))
    return found


def _rows(request: TenantRequest, job: ReconciledJob, connection: str | None, kind: str) -> list[Finding]:
    rows = []
    for entry in job.entries:
        if connection is not None and entry.connection != connection:
            continue
        for one in entry.differences:
            if kind in (one.kind.value, DIFFERS, UNCOMPARED, "all"):
                act, address = _act(request, job, entry, one)
                rows.append(Finding(job, entry, one, _KINDS[one.kind], act, address))
        if not entry.differences and kind in (ACCOUNTED, UNCOMPARED, "all"):
            said = "Kept out by a rule" if entry.kept_back else "Accounted for"
            rows.append(Finding(job, entry, None, StateWords(said, "good", "✓"), "", ""))
    return rows


def _act(request: TenantRequest, job: ReconciledJob, entry: Entry, one: Difference) -> tuple[str, str]:
    """The button that leads to where a person can act."""
    match one.place:
        case Place.SEND if one.send_id:
            return "Open the send", f"{request.home}/sends/{one.send_id}"
        case Place.DOUBTS:
            return "Check in Spectrum", f"{request.home}/doubts"
        case Place.CONNECTION if entry.connection:
            restored = one.kind is Kind.UNCLEAR
            page = "/restore" if restored else ""
            return "Open the connection", f"{request.home}/connections/{entry.connection}{page}"
    if one.kind is Kind.UNREADABLE:
        in_servicetrade = request.in_servicetrade(job.job_id)
        return ("Open in ServiceTrade", in_servicetrade) if in_servicetrade else ("Open the job", _job(request, job))
    chosen = {"connection": entry.connection, "items": one.items}
    query = urlencode({name: value for name, value in chosen.items() if value})
    words = "Preview and send" if one.items or one.kind is Kind.DRIFTED else "Open the job"
    return words, _job(request, job) + (f"?{query}" if query else "")


def _job(request: TenantRequest, job: ReconciledJob) -> str:
    return f"{request.home}/jobs/{job.job_id}"
