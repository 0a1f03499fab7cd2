"""A send at any point of its life, with its plan and its rows, and what a case of `life_cases` is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from core.model.catalogue import finding
from core.model.planning.account import Account
from core.model.planning.draft import NOT_SENT_HERE
from core.model.planning.plan import HeaderValue, SendPlan
from core.model.sending.lifecycle.event import (
    Event,
    NumberClaim,
)
from core.model.sending.lifecycle.facts import Facts
from core.model.sending.send import HeaderState, Send, SendState, Step
from core.model.shared.finding import Severity
from core.model.shared.origin import Origin
from core.model.work_orders.annotation import Annotation, AnnotationKind, AnnotationState, WrittenAnnotation
from core.model.work_orders.cost_line import (
    BlockedItem,
    ItemsMode,
    LedgerLine,
    LinePurpose,
    LineState,
    LineValue,
    PlannedLine,
)
from core.model.work_orders.item import ItemKind
from core.model.work_orders.work_order import WorkOrderRecord

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
_CORE = Origin("core")
CLAIM = NumberClaim((b"number",), b"job")
ADOPTS = replace(CLAIM, adopt=True)
Q, S, R, D, A = (
    SendState.QUEUED,
    SendState.SENDING,
    SendState.RETRYING,
    SendState.IN_DOUBT,
    SendState.NEEDS_ATTENTION,
)
LIFE: Mapping[SendState, tuple[Step, ...]] = {
    Q: (Step.PLAN, Step.WRITE_BACK),
    S: (Step.PLAN, Step.HEADER, Step.WRITE_BACK, Step.LINES, Step.ANNOTATE, Step.REPORT),
    R: (Step.PLAN, Step.HEADER, Step.WRITE_BACK, Step.LINES, Step.ANNOTATE, Step.REPORT),
    D: (Step.REPORT, Step.EVIDENCE, Step.DONE),
    A: (Step.REPORT, Step.DONE),
    SendState.SENT: (Step.DONE,),
    SendState.SENT_WITH_WARNINGS: (Step.DONE,),
    SendState.DONE_BY_HAND: (Step.REPORT, Step.DONE),
    SendState.SUPERSEDED: (Step.PLAN, Step.DONE),
    SendState.CANCELLED: (Step.DONE,),
}
"""Where a send can be. `test_a_send_is_only_ever_where_it_can_be` proves that nothing leads anywhere else."""
POINTS = tuple((state, step) for state, steps in LIFE.items() for step in steps)


def line(item: str, state: LineState = LineState.PLANNED, **but: Any) -> LedgerLine:
    """A row of the send's own plan; `called` if a call may have carried it."""
    called = state not in (LineState.PLANNED,)
    values: dict[str, Any] = {
        "id": f"lin_{item}",
        "tenant_id": "ten",
        "connection_id": "con",
        "job_id": "job",
        "work_order_number": "104482",
        "item_id": item,
        "item_name": item.title(),
        "kind": ItemKind.OTHER_CHARGE,
        "round": 0,
        "purpose": LinePurpose.NEW,
        "fields": {"Other_Cost_Item": item.upper(), "Cost_Of_Sales_Amount": "5"},
        "state": state,
        "send_id": "snd",
        "plan_id": "pln",
        "place": ["valve", "permit"].index(item),
        "attempt_id": f"att_{item}" if called else None,
        "quiet_until": NOW - MINUTE if called else None,
        "findings": (finding("CHARGE_CODE_UNKNOWN", "No such code."),) if state is LineState.REJECTED else (),
    }
    return LedgerLine(**(values | but))


@cache
def rows(valve: LineState, permit: LineState, **but: Any) -> tuple[LedgerLine, ...]:
    return line("valve", valve), line("permit", permit, **but)


def _planned_line(item: str) -> PlannedLine:
    values = tuple(LineValue(name, value, _CORE) for name, value in line(item).fields.items())
    return PlannedLine(
        item_id=item,
        item_name=item.title(),
        kind=ItemKind.OTHER_CHARGE,
        round=0,
        purpose=LinePurpose.NEW,
        values=values,
    )


def plan(**but: Any) -> SendPlan:
    values: dict[str, Any] = {
        "job_id": "job",
        "connection_id": "con",
        "number": "104482",
        "job_number": "104482",
        "header": (HeaderValue("Customer_PO_Number", "PO 7", "PO 7", _CORE, "PO 6"),),
        "items": ItemsMode.NEW_ONLY,
        "lines": (_planned_line("valve"), _planned_line("permit")),
    }
    return SendPlan(**(values | but))


PLAN = plan()
WITHOUT_ITEMS = plan(lines=(), items=ItemsMode.NONE)
MISSING = finding("CUSTOMER_MISSING", "The job has no customer.")
BLOCKED = plan(lines=(), findings=(MISSING,), blocked=(BlockedItem(item_id="valve", item_name="Valve"),))
KEPT_BACK = plan(lines=(), findings=(finding(NOT_SENT_HERE, "Not this office."),))
BROKEN_PLUGIN = plan(lines=(), findings=(finding("PLUGIN_ERROR", "It failed.", origin="rule"),))
HELD = plan(
    lines=(),
    items_held=finding("ITEMS_BEFORE_UNKNOWN", "Somebody may have posted."),
    findings=(finding("ITEMS_BEFORE_UNKNOWN", "Somebody may have posted.", severity=Severity.WARNING),),
    blocked=(BlockedItem(item_id="valve", item_name="Valve"), BlockedItem(item_id="permit", item_name="Permit")),
    strange=True,
)
REFUSED_LINE = finding("CHARGE_CODE_UNKNOWN", "No such code.")
WARNED = finding("SPECTRUM_WARNED", "Spectrum warns: careful.", severity=Severity.WARNING)
RECORD = WorkOrderRecord(
    tenant_id="ten",
    connection_id="con",
    job_id="job",
    number="104482",
    claim_owner=b"job",
    sent={"Customer_PO_Number": "PO 6", "Zone": ""},
)
SENT = replace(RECORD, last_send_id="snd")
NOTE = Annotation(kind=AnnotationKind.NOTE, place="JOBFERRY", text="The whole description.", origin=_CORE)
ADDED = replace(NOTE, appends=True)
MARKER = Annotation(kind=AnnotationKind.MARKER, place="UDF7", text="104482", origin=_CORE, names_send=True)
_CALLED = WrittenAnnotation(
    place="JOBFERRY",
    text="The whole description.",
    state=AnnotationState.SENDING,
    plan_id="pln",
    attempt_id="att_note",
)
NOTE_CALLED = replace(SENT, annotations={AnnotationKind.NOTE: _CALLED}, header_until=NOW + MINUTE, header_epoch=3)
ADDED_CALLED = replace(NOTE_CALLED, annotations={ADDED.key: _CALLED})
DOCUMENT = replace(NOTE, kind=AnnotationKind.DOCUMENT, place="77", text="signed.pdf", appends=True, file_type="pdf")
DOCUMENT_CALLED = replace(NOTE_CALLED, annotations={DOCUMENT.key: replace(_CALLED, place="77", text="signed.pdf")})
_TOLD = (D, A)


def send_at(state: SendState, step: Step, **but: Any) -> Send:
    """As it is there after the usual course of things: due while there is something to do."""
    fresh = state is Q and step is Step.PLAN
    header = {Step.PLAN: HeaderState.NONE, Step.HEADER: HeaderState.BEGUN}.get(step, HeaderState.STANDS)
    resting = step is Step.DONE or state is SendState.SUPERSEDED
    values: dict[str, Any] = {
        "id": "snd",
        "tenant_id": "ten",
        "connection_id": "con",
        "job_id": "job",
        "requested_at": NOW - 9 * MINUTE,
        "requested_by": "anna",
        "seq": 5,
        "state": state,
        "step": step,
        "due_at": None if resting else NOW,
        "items": ItemsMode.NEW_ONLY,
        "plan": None if fresh else PLAN,
        "plan_id": None if fresh else "pln",
        "work_order_number": None if fresh else "104482",
        "header": header,
        "number_written": step not in (Step.PLAN, Step.HEADER, Step.WRITE_BACK),
        "findings": (REFUSED_LINE,) if state in (R, *_TOLD) else (),
        "version": 7,
        "finished_at": NOW - MINUTE if state.finished or state is A else None,
    }
    return Send(**(values | but))


def usual_rows(send: Send) -> tuple[LedgerLine, ...]:
    """What the books hold of the send there."""
    posted, planned = LineState.POSTED, LineState.PLANNED
    match send.state, send.step:
        case (_, _) if send.plan is None or send.items is ItemsMode.NONE or not send.plan.lines:
            return ()
        case SendState.IN_DOUBT, _:
            return rows(posted, LineState.IN_DOUBT)
        case ((SendState.NEEDS_ATTENTION | SendState.SUPERSEDED | SendState.CANCELLED), _):
            return rows(posted, LineState.REJECTED, given_back=True)
        case _, Step.HEADER | Step.WRITE_BACK:
            return rows(planned, planned)
        case _, Step.LINES:
            return rows(posted, planned)
        case _, Step.PLAN:
            return ()
    return rows(posted, posted)


@dataclass(frozen=True)
class Case:
    """One thing that happens, in words, with what has to be so for it to be that. `lines` are the send's rows then."""

    kind: type[Any]
    says: str
    event: Callable[[Send], Event]
    send: Mapping[str, Any] = field(default_factory=dict)
    lines: Sequence[LedgerLine] | None = None
    others: Sequence[LedgerLine] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)

    def at(self, state: SendState, step: Step, **but: Any) -> tuple[Send, Event, Facts]:
        """The arguments of `decide`. What is said with the case goes before what is said here."""
        send = send_at(state, step, **(but | dict(self.send)))
        own = usual_rows(send) if self.lines is None else self.lines
        unclear = [row for row in (*own, *self.others) if row.state.unclear]
        known: dict[str, Any] = {
            "now": NOW,
            "epoch": 3,
            "record": RECORD,
            "lines": own,
            "unclear": unclear,
            "account": Account("job", [row for row in (*own, *self.others) if row.takes_place]),
        }
        return send, self.event(send), Facts(**(known | dict(self.facts)))
