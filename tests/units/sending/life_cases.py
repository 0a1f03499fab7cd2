"""Everything that can happen to a send, in each variant that leads to something else, with the words of the page.

`docs/generate/send_life.py` prints what follows from each of these cases; `test_send_life.py` holds them to the laws.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from core.model.catalogue import finding
from core.model.connections.connection import Hold, ItemsHold
from core.model.planning.account import Account, AccountEntry, EntryState
from core.model.planning.job import CompletedJob
from core.model.planning.plan import SendPlan
from core.model.sending.answer import (
    Accepted,
    AnswerRow,
    NotSent,
    NotSentReason,
    Refused,
    Unknown,
    UnknownReason,
    WriteOutcome,
)
from core.model.sending.diagnosis import Diagnosis, diagnose
from core.model.sending.evidence import Verdict
from core.model.sending.lifecycle.event import (
    AnnotationAnswered,
    AnnotationBegins,
    AnnotationUnread,
    Cancelled,
    EndpointSilent,
    Event,
    EvidenceFound,
    GaveWay,
    HeaderAnswered,
    HeaderBegins,
    LineAnswered,
    LineBegins,
    MarkedDone,
    NotReported,
    NumberNotWritten,
    NumberWritten,
    Planned,
    Reported,
    Retried,
    ServiceTradeTrouble,
    Settled,
    SpectrumTrouble,
    StepFailed,
)
from core.model.sending.send import COMPLETION, Attempt, HeaderState, Send, Step
from core.model.shared.finding import Finding, Severity
from core.model.work_orders.annotation import Annotation
from core.model.work_orders.cost_line import (
    ItemsMode,
    LineState,
)
from core.model.work_orders.work_order import NUMBER
from tests.units.sending.life_scene import (
    ADDED,
    ADDED_CALLED,
    ADOPTS,
    BLOCKED,
    BROKEN_PLUGIN,
    CLAIM,
    DOCUMENT,
    DOCUMENT_CALLED,
    HELD,
    KEPT_BACK,
    MARKER,
    MINUTE,
    NOTE,
    NOTE_CALLED,
    NOW,
    PLAN,
    RECORD,
    REFUSED_LINE,
    SENT,
    WARNED,
    WITHOUT_ITEMS,
    A,
    Case,
    S,
    line,
    plan,
    rows,
    send_at,
)


def _always(event: Event) -> Callable[[Send], Event]:
    return lambda _: event


def _plans(of: SendPlan, **but: Any) -> Callable[[Send], Event]:
    def made(send: Send) -> Event:
        planned = [line(one.item_id, plan_id="pln_new", id=f"new_{one.item_id}") for one in of.lines]
        values: dict[str, Any] = {
            "plan": of,
            "plan_id": "pln_new",
            "lines": tuple(planned),
            "snapshot": frozenset(),
            "claim": CLAIM,
        }
        return Planned(**(values | but))

    return made


def _attempt(step: Step) -> Attempt:
    return Attempt(send_id="snd", step=step, started_at=NOW - MINUTE, ended_at=NOW)


def _answers(outcome: WriteOutcome, *, fresh: bool = True) -> Callable[[Send], Event]:
    diagnosis = None if isinstance(outcome, Accepted) else diagnose(outcome)
    return _always(
        HeaderAnswered(outcome=outcome, attempt=_attempt(Step.HEADER), claim=CLAIM, fresh=fresh, diagnosis=diagnosis)
    )


def _line_answers(
    state: LineState, *, hold_for: Finding | None = None, sent_at: datetime | None = None
) -> Callable[[Send], Event]:
    """The answer to the call that `CALLED` has under way."""
    begun = line("permit", LineState.SENDING, sent_at=sent_at)
    return _always(
        LineAnswered(
            line=begun,
            attempt=_attempt(Step.LINES),
            attempt_id="att_permit",
            state=state,
            findings=(finding("CHARGE_CODE_UNKNOWN", "No such code."),) if state is LineState.REJECTED else (),
            hold_for=hold_for,
        )
    )


def _refused(code: str, text: str) -> Refused:
    return Refused((AnswerRow(code, text, "WO_Number"),))


REFUSED = _refused("I", "Customer is not valid")
LOCKED = _refused("E", "Record is locked by another user")
NO_ACCESS = _refused("A", "Not authorized")
AWAY = NotSent(NotSentReason.REFUSED, "nobody there")
TOO_LATE = NotSent(NotSentReason.GATE_CLOSED, "too late")
TIMED_OUT = Unknown(UnknownReason.TIMEOUT, "no answer")
SIGN_IN = Unknown(UnknownReason.UNAUTHENTICATED, "401", 401)
BAD_GATEWAY = Unknown(UnknownReason.HTTP_ERROR, "502", 502)
AWAY_ST = finding("ST_UNREACHABLE", "ServiceTrade does not answer.")
GONE_ST = finding("JOB_NOT_FOUND", "There is no such job.")
CRASH = finding("INTERNAL_ERROR", "Jobferry itself failed.")
UNPAID = finding("ST_REPORT_FAILED", "The comment could not be written.", severity=Severity.WARNING)
GATE_ELSEWHERE = replace(RECORD, header_until=NOW + MINUTE, header_epoch=2)
GATE_PASSED = replace(RECORD, header_until=NOW - MINUTE, header_epoch=2)
GATE_OURS = replace(RECORD, header_until=NOW + MINUTE, header_epoch=3)
STRANGERS = replace(RECORD, items_unknown=True)
HOLDER = send_at(S, Step.LINES, id="snd_holder", seq=4)
ELSEWHERE = Account("job", entries=(AccountEntry(b"account", b"item", EntryState.STANDS),))
OLDER = send_at(A, Step.DONE, id="snd_older", seq=3)
MORE = replace(OLDER, id="snd_more", items=ItemsMode.AGAIN)
ON_HOLD = Hold(finding("ENDPOINT_UNREACHABLE", "Away."), NOW - MINUTE, NOW - MINUTE, 2)
LAST_TRY = {"attempts": 4}
"""The next failure of the step is one too many."""
POSTED, DOUBT, NOT_POSTED = LineState.POSTED, LineState.IN_DOUBT, LineState.NOT_POSTED
IN_DOUBT, CALLED = rows(POSTED, DOUBT), rows(POSTED, LineState.SENDING)
TOO_FRESH = rows(POSTED, DOUBT, quiet_until=NOW + MINUTE)
ANOTHERS = line("permit", DOUBT, id="lin_other", send_id="snd_other", plan_id="pln_other", round=1)
SAID_POSTED = rows(POSTED, POSTED, settled_by="anna", settled_reason="seen")
SAID_NOT = rows(POSTED, NOT_POSTED, settled_by="anna", settled_reason="not there")
FORMER = (*rows(POSTED, LineState.PLANNED), line("permit", NOT_POSTED, id="lin_former", plan_id="pln_former", round=1))
WENT_BACK = ItemsHold(finding("DATABASE_RESTORED", "The database lacks lines that were sent."), NOW - 20 * MINUTE)
JUST_BACK = replace(WENT_BACK, quiet_until=NOW + MINUTE)
BEGUN_ANEW = rows(POSTED, POSTED, attempt_id="att_second")
ALL_POSTED = rows(POSTED, POSTED)
BY = {"by": "anna", "reason": "seen in Spectrum"}


def _settles(verdict: LineState, line_id: str = "lin_permit") -> Callable[[Send], Event]:
    return _always(Settled(line_id, verdict, **BY))


def _finds(verdict: LineState | None) -> Callable[[Send], Event]:
    found = [(IN_DOUBT[1], Verdict(verdict, "counted"))] if verdict else []
    return _always(EvidenceFound(found))


def _planning() -> Iterable[Case]:
    by_itself, seen = {"requested_by": COMPLETION}, {"expected_hash": "what somebody saw"}
    yield Case(Planned, "the plan can go", _plans(PLAN))
    yield Case(Planned, "the plan can go, without items", _plans(WITHOUT_ITEMS), {"items": ItemsMode.NONE})
    yield Case(
        Planned, "the plan can go, and its job was completed", _plans(PLAN, completion=CompletedJob("job", None))
    )
    yield Case(Planned, "the plan can go, and the job carries a number that nobody here knows", _plans(HELD))
    yield Case(Planned, "something prevents it", _plans(BLOCKED))
    yield Case(Planned, "a rule keeps it back, and nobody asked in person", _plans(KEPT_BACK), by_itself)
    yield Case(Planned, "a rule keeps it back, and somebody asked", _plans(KEPT_BACK))
    yield Case(Planned, "a plugin fails", _plans(BROKEN_PLUGIN))
    yield Case(
        Planned,
        "a plugin fails for the third time in a row",
        _plans(BROKEN_PLUGIN),
        facts={"plugin_failures": 2},
    )
    yield Case(Planned, "the job changed since the preview that was agreed to", _plans(PLAN), seen)
    yield Case(Planned, "somebody else has the number", _plans(PLAN), facts={"number_taken": True})
    yield Case(
        Planned,
        "somebody else has the number, and it is to be adopted",
        _plans(PLAN, claim=ADOPTS),
        facts={"number_taken": True},
    )
    yield Case(Planned, "another send posts to the work order", _plans(PLAN), facts={"holder": HOLDER})
    yield Case(Planned, "another connection posts to the work order", _plans(PLAN), facts={"held_elsewhere": True})
    yield Case(Planned, "what is on the work order changed meanwhile", _plans(PLAN), facts={"account": ELSEWHERE})
    yield Case(
        Planned,
        "what is on the work order changed once more",
        _plans(PLAN),
        {"attempts": 1},
        facts={"account": ELSEWHERE},
    )
    yield Case(
        Planned,
        "what is on the work order never stays the same",
        _plans(PLAN),
        LAST_TRY,
        facts={"account": ELSEWHERE},
    )
    yield Case(Planned, "another worker's header may still leave", _plans(PLAN), facts={"record": GATE_ELSEWHERE})
    yield Case(ServiceTradeTrouble, "ServiceTrade is away", _always(ServiceTradeTrouble(AWAY_ST, True)))
    yield Case(ServiceTradeTrouble, "ServiceTrade asks for a pause", _always(ServiceTradeTrouble(AWAY_ST, True, 90.0)))
    yield Case(ServiceTradeTrouble, "ServiceTrade has no such job", _always(ServiceTradeTrouble(GONE_ST, False)))


def _header() -> Iterable[Case]:
    begins, taken = _always(HeaderBegins(CLAIM)), {"number_taken": True}
    yield Case(HeaderBegins, "it is about to be written once more", begins)
    yield Case(HeaderBegins, "the same, by the worker whose call was cut short", begins, facts={"record": GATE_OURS})
    yield Case(
        HeaderBegins,
        "the same, and another worker's header can no longer leave",
        begins,
        facts={"record": GATE_PASSED},
    )
    yield Case(HeaderBegins, "another worker's header may still leave", begins, facts={"record": GATE_ELSEWHERE})
    yield Case(HeaderBegins, "the database went back behind what was sent", begins, facts={"items_hold": WENT_BACK})
    yield Case(HeaderBegins, "somebody else has the number", begins, facts=taken)
    yield Case(
        HeaderBegins,
        "somebody else has the number, and it is to be adopted",
        _always(HeaderBegins(ADOPTS)),
        facts=taken,
    )
    named = Accepted((AnswerRow("G", "    104482", NUMBER),))
    yield Case(HeaderAnswered, "Spectrum accepts it", _answers(Accepted()))
    yield Case(HeaderAnswered, "Spectrum accepts it, and names the number", _answers(named, fresh=False))
    warned = Accepted((), (AnswerRow("W", "careful", "Zone"),))
    yield Case(HeaderAnswered, "Spectrum accepts it with a warning", _answers(warned))
    other = Accepted((AnswerRow("G", "104483", NUMBER),))
    yield Case(HeaderAnswered, "Spectrum accepts it under another number", _answers(other))
    for says, outcome in (
        ("Spectrum refuses it", REFUSED),
        ("the record is locked", LOCKED),
        ("Spectrum refuses the login", NO_ACCESS),
        ("Spectrum is away", AWAY),
        ("it was too late to leave", TOO_LATE),
    ):
        yield Case(HeaderAnswered, f"{says}; no write came before", _answers(outcome))
        yield Case(HeaderAnswered, f"{says}; a write came before", _answers(outcome, fresh=False))
    yield Case(
        HeaderAnswered,
        "the record is locked for too long; a write came before",
        _answers(LOCKED, fresh=False),
        LAST_TRY,
    )
    yield Case(
        HeaderAnswered,
        "Spectrum refuses it, after it was away; no write came before",
        _answers(REFUSED),
        facts={"hold": ON_HOLD},
    )
    yield Case(HeaderAnswered, "Spectrum is away again", _answers(AWAY), facts={"hold": ON_HOLD})
    yield Case(HeaderAnswered, "no answer comes", _answers(TIMED_OUT))
    yield Case(HeaderAnswered, "no answer comes, too often", _answers(TIMED_OUT), LAST_TRY)
    yield Case(HeaderAnswered, "another sign-in is asked for (401)", _answers(SIGN_IN))
    yield Case(HeaderAnswered, "a gateway says that Spectrum is away (502)", _answers(BAD_GATEWAY))


def _number() -> Iterable[Case]:
    written, old = _always(NumberWritten()), {"waits": 2}
    yield Case(NumberWritten, "it is on the job", written)
    yield Case(
        NumberWritten,
        "it is on the job, without items",
        written,
        {"plan": WITHOUT_ITEMS, "items": ItemsMode.NONE},
    )
    yield Case(NumberWritten, "it is on the job after a wait", written, old)
    yield Case(NumberWritten, "it is on the job; the items are held", written, {"plan": HELD})
    yield Case(
        NumberWritten,
        "it is on the job; a line of an earlier plan is in doubt",
        written,
        {"plan": plan(lines=())},
        [line("permit", DOUBT, plan_id="pln_former")],
    )
    problem, attempt = finding("ST_WRITEBACK_FAILED", "It could not be written."), _attempt(Step.WRITE_BACK)
    passes = NumberNotWritten(problem=problem, attempt=attempt, passes=True)
    yield Case(NumberNotWritten, "ServiceTrade is away", _always(passes))
    yield Case(NumberNotWritten, "ServiceTrade refuses it", _always(replace(passes, passes=False)))


def _lines() -> Iterable[Case]:
    begins, refused = _always(LineBegins("att_new")), LineState.REJECTED
    yield Case(LineBegins, "a line is left", begins)
    yield Case(LineBegins, "a line is left that was settled as not posted", begins, lines=SAID_NOT)
    yield Case(LineBegins, "a line is left, and the database went back", begins, facts={"items_hold": WENT_BACK})
    yield Case(LineBegins, "all are posted", begins, lines=rows(POSTED, POSTED))
    yield Case(LineBegins, "Spectrum refused one, the others are posted", begins, lines=rows(POSTED, refused))
    yield Case(LineBegins, "Spectrum refused one, another is left", begins, lines=rows(refused, LineState.PLANNED))
    gone = rows(POSTED, LineState.PLANNED, given_back=True)
    yield Case(LineBegins, "one gave way to a line that turned out to be there", begins, lines=gone)
    yield Case(LineBegins, "one is in doubt", begins, lines=IN_DOUBT)
    yield Case(LineBegins, "one of an earlier plan was settled as not posted", begins, lines=FORMER)
    yield Case(LineBegins, "the call of one was cut short", begins, lines=CALLED)
    yield Case(LineBegins, "a line of another send is in doubt", begins, others=[ANOTHERS])
    yield Case(
        LineBegins,
        "a line of another send is in doubt, and none of this one is left",
        begins,
        lines=rows(POSTED, POSTED),
        others=[ANOTHERS],
    )
    for says, outcome in (
        ("the record is locked", LOCKED),
        ("Spectrum is away", AWAY),
        ("the login is refused", NO_ACCESS),
    ):
        yield Case(SpectrumTrouble, says, _always(SpectrumTrouble(_trouble(outcome))))
    yield Case(
        SpectrumTrouble, "the record is locked for too long", _always(SpectrumTrouble(_trouble(LOCKED))), LAST_TRY
    )


def _annotated(outcome: WriteOutcome, annotation: Annotation = NOTE) -> Callable[[Send], Event]:
    diagnosis = None if isinstance(outcome, Accepted) else diagnose(outcome)
    attempt = _attempt(Step.ANNOTATE)
    return _always(
        AnnotationAnswered(
            annotation=annotation, attempt_id="att_note", outcome=outcome, attempt=attempt, diagnosis=diagnosis
        )
    )


def _annotations() -> Iterable[Case]:
    begins = _always(AnnotationBegins("att_note"))
    replaces, adds = {"plan": plan(annotations=(NOTE, MARKER))}, {"plan": plan(annotations=(ADDED,))}
    fresh, called, added = {"record": SENT}, {"record": NOTE_CALLED}, {"record": ADDED_CALLED}
    yield Case(AnnotationBegins, "a note is left", begins, replaces, facts=fresh)
    yield Case(AnnotationBegins, "its call was cut short", begins, replaces, facts=called)
    yield Case(AnnotationBegins, "the call that adds to the note was cut short", begins, adds, facts=added)
    went_back = fresh | {"items_hold": WENT_BACK}
    yield Case(AnnotationBegins, "a text is to be added, and the database went back", begins, adds, facts=went_back)
    elsewhere = replace(SENT, header_until=NOW + MINUTE, header_epoch=2)
    yield Case(
        AnnotationBegins, "another worker's write may still leave", begins, replaces, facts={"record": elsewhere}
    )
    newer = replace(SENT, last_send_id="snd_newer")
    yield Case(AnnotationBegins, "a newer send has written the work order", begins, replaces, facts={"record": newer})
    for says, outcome in (
        ("Spectrum accepts it", Accepted()),
        ("Spectrum refuses it", REFUSED),
        ("the service may not be called", NO_ACCESS),
        ("the record is locked", LOCKED),
        ("Spectrum is away", AWAY),
        ("no answer comes", TIMED_OUT),
    ):
        yield Case(AnnotationAnswered, says, _annotated(outcome), replaces, facts=called)
    yield Case(
        AnnotationAnswered, "the record is locked for too long", _annotated(LOCKED), replaces | LAST_TRY, facts=called
    )
    for says, outcome in (("the record is locked", LOCKED), ("no answer comes", TIMED_OUT)):
        yield Case(AnnotationAnswered, f"a text to be added: {says}", _annotated(outcome, ADDED), adds, facts=added)
    document, cut_short = {"plan": plan(annotations=(DOCUMENT,))}, {"record": DOCUMENT_CALLED}
    read = _always(AnnotationBegins("att_note", DOCUMENT.key, "sha"))
    yield Case(AnnotationBegins, "a document is left, and its content was read", read, document, facts=fresh)
    yield Case(AnnotationBegins, "a document is left, and another one was read", begins, document, facts=fresh)
    unread = AnnotationUnread(annotation=DOCUMENT, problem=finding("DOCUMENT_NOT_SENT", "Away."), passes=True)
    yield Case(AnnotationUnread, "ServiceTrade is away", _always(unread), document, facts=fresh)
    yield Case(AnnotationUnread, "ServiceTrade is away for too long", _always(unread), document | LAST_TRY, facts=fresh)
    gone = _always(replace(unread, passes=False))
    yield Case(AnnotationUnread, "it is not there any more", gone, document, facts=fresh)
    yield Case(AnnotationUnread, "its earlier call was cut short", _always(unread), document, facts=cut_short)
    yield Case(LineBegins, "all are posted, and a note is left", begins_line(), replaces, ALL_POSTED, facts=fresh)
    crash = _always(StepFailed(CRASH))
    yield Case(
        StepFailed, "it fails too often, and a note is left", crash, replaces | LAST_TRY, ALL_POSTED, facts=called
    )


def begins_line() -> Callable[[Send], Event]:
    return _always(LineBegins("att_new"))


def _silent() -> Iterable[Case]:
    silent = _always(EndpointSilent("spectrum.example.com:8482", 5 * MINUTE))
    yield Case(EndpointSilent, "nobody answers the calls of others", silent)
    yield Case(EndpointSilent, "still nobody answers them", silent, facts={"hold": ON_HOLD})


def _trouble(outcome: NotSent | Refused) -> Diagnosis:
    return diagnose(outcome)


def _answered() -> Iterable[Case]:
    for says, state in (
        ("posted", POSTED),
        ("nothing left", LineState.PLANNED),
        ("refused", LineState.REJECTED),
        ("unclear", DOUBT),
    ):
        yield Case(LineAnswered, f"in time: {says}", _line_answers(state), lines=CALLED)
    missing = finding("WEB_SERVICE_DISABLED", "The service is not there.")
    for says, hold in (("it holds the connection", None), ("it still does", ON_HOLD)):
        yield Case(
            LineAnswered,
            f"in time: unclear, since the service is not there; {says}",
            _line_answers(DOUBT, hold_for=missing),
            lines=CALLED,
            facts={"hold": hold},
        )
    for says, state in (("posted", POSTED), ("nothing left", LineState.PLANNED), ("refused", LineState.REJECTED)):
        yield Case(LineAnswered, f"the line is in doubt by now: {says}", _line_answers(state), lines=IN_DOUBT)
    yield Case(
        LineAnswered,
        "the line is in doubt by now, and so is another send's: posted",
        _line_answers(POSTED),
        lines=IN_DOUBT,
        others=[ANOTHERS],
    )
    yield Case(LineAnswered, "stored already", _line_answers(POSTED), lines=rows(POSTED, POSTED))
    yield Case(
        LineAnswered, "a person said that it is there: refused", _line_answers(LineState.REJECTED), lines=SAID_POSTED
    )
    yield Case(LineAnswered, "a person said that it is there: unclear", _line_answers(DOUBT), lines=SAID_POSTED)
    yield Case(LineAnswered, "a person said that it is not there: posted", _line_answers(POSTED), lines=SAID_NOT)
    yield Case(
        LineAnswered, "a person said that it is not there: refused", _line_answers(LineState.REJECTED), lines=SAID_NOT
    )
    lost = line("permit", LineState.PLANNED)
    yield Case(
        LineAnswered,
        "the database lost the line's intent: posted",
        _line_answers(POSTED),
        lines=(line("valve", POSTED), lost),
    )
    yield Case(
        LineAnswered,
        "the database lost the line's intent: refused",
        _line_answers(LineState.REJECTED),
        lines=(line("valve", POSTED), lost),
    )
    yield Case(
        LineAnswered, "the database lost the line: posted", _line_answers(POSTED), lines=(line("valve", POSTED),)
    )
    yield Case(
        LineAnswered, "the database lost the line: unclear", _line_answers(DOUBT), lines=(line("valve", POSTED),)
    )
    said = {"settled_by": "anna", "settled_reason": "not there"}
    given_back = rows(POSTED, NOT_POSTED, given_back=True, plan_id="pln_former", **said)
    anew = line("permit", id="lin_new")
    anothers = line("permit", POSTED, id="lin_2", send_id="snd_2")
    yield Case(LineAnswered, "it was given back: posted", _line_answers(POSTED), lines=given_back)
    yield Case(
        LineAnswered,
        "it was given back, and is planned once more: posted",
        _line_answers(POSTED),
        lines=(*given_back, anew),
    )
    yield Case(
        LineAnswered,
        "it was given back, and another send has posted it: posted, so it is there twice",
        _line_answers(POSTED),
        lines=given_back,
        others=[anothers],
    )
    yield Case(
        LineAnswered,
        "the database lost the line, and another send has posted it: unclear",
        _line_answers(DOUBT),
        lines=(line("valve", POSTED),),
        others=[anothers],
    )
    yield Case(
        LineAnswered, "it was begun again since: posted, so it is there twice", _line_answers(POSTED), lines=BEGUN_ANEW
    )
    yield Case(LineAnswered, "it was begun again since: refused", _line_answers(LineState.REJECTED), lines=BEGUN_ANEW)
    former = {"attempt_id": "att_former", "sent_at": NOW - 20 * MINUTE}
    for known, row in (("not posted", NOT_POSTED), ("in doubt", DOUBT)):
        for says, state in (("posted", POSTED), ("unclear", DOUBT)):
            yield Case(
                LineAnswered,
                f"the database lost the intent, and knows an earlier call as {known}: {says}",
                _line_answers(state, sent_at=NOW),
                lines=rows(POSTED, row, **former),
            )


def _told() -> Iterable[Case]:
    told = _always(Reported())
    yield Case(Reported, "ServiceTrade was told", told)
    yield Case(Reported, "ServiceTrade was told, and Spectrum had warned of the header", told, {"findings": (WARNED,)})
    warned = rows(POSTED, POSTED, findings=(WARNED,))
    yield Case(Reported, "ServiceTrade was told, and Spectrum had warned of a line", told, lines=warned)
    yield Case(
        Reported, "ServiceTrade was told, and evidence is looked for later", _always(Reported(look_at=NOW + 9 * MINUTE))
    )
    yield Case(Reported, "ServiceTrade did not take all of it", _always(Reported((UNPAID,), comment_stands=True)))
    yield Case(
        Reported, "ServiceTrade was told; an older failure of the job is made up for", told, facts={"told": [OLDER]}
    )
    yield Case(
        Reported, "ServiceTrade was told; an older failure of the job is still open", told, facts={"told": [MORE]}
    )
    yield Case(Reported, "ServiceTrade was told, and a line is not posted", told, lines=rows(POSTED, LineState.PLANNED))
    yield Case(
        Reported,
        "ServiceTrade was told, and a line of an earlier plan is not posted",
        told,
        lines=(*rows(POSTED, POSTED), line("permit", DOUBT, id="lin_former", plan_id="pln_former", round=1)),
    )
    yield Case(NotReported, "ServiceTrade is away", _always(NotReported(AWAY_ST)))
    yield Case(EvidenceFound, "what is there proves that it was posted", _finds(POSTED))
    yield Case(EvidenceFound, "what is there proves that it was not posted", _finds(NOT_POSTED))
    yield Case(EvidenceFound, "what is there proves nothing yet", _finds(NOT_POSTED), lines=TOO_FRESH)
    yield Case(EvidenceFound, "what is there proves nothing", _finds(None))
    yield Case(
        EvidenceFound,
        "what is there proves it of another send's line",
        _always(EvidenceFound([(ANOTHERS, Verdict(POSTED, "counted"))])),
        lines=IN_DOUBT,
        others=[ANOTHERS],
    )
    yield Case(EvidenceFound, "an answer has settled it meanwhile", _finds(POSTED), lines=rows(POSTED, POSTED))


def _crashes() -> Iterable[Case]:
    crash = _always(StepFailed(CRASH))
    yield Case(StepFailed, "a step of Jobferry itself fails", crash)
    yield Case(StepFailed, "it fails too often", crash, LAST_TRY)
    yield Case(StepFailed, "it fails too often, and a line has left", crash, LAST_TRY, CALLED)


def _acts() -> Iterable[Case]:
    failed = {"findings": (REFUSED_LINE,), "header": HeaderState.NONE}
    yield Case(Cancelled, "cancel", _always(Cancelled("ann")))
    yield Case(
        Cancelled,
        "cancel, while it waits for another send",
        _always(Cancelled("ann")),
        {"waits_for": "snd_holder", "due_at": None},
    )
    yield Case(Cancelled, "cancel, when it had failed before", _always(Cancelled("ann")), failed)
    yield Case(
        Cancelled,
        "cancel, when it had failed before with a work order in Spectrum",
        _always(Cancelled("ann")),
        failed | {"header": HeaderState.STANDS},
    )
    yield Case(GaveWay, "a newer send of the job is asked for", _always(GaveWay()))
    without = {"items": ItemsMode.NONE}
    yield Case(GaveWay, "a newer send of the job is asked for, and this one has no items", _always(GaveWay()), without)
    yield Case(Retried, "retry", _always(Retried("ann")))
    yield Case(
        Retried,
        "retry, without items and the work order is in Spectrum",
        _always(Retried("ann")),
        {"items": ItemsMode.NONE, "plan": WITHOUT_ITEMS},
    )
    done = MarkedDone(**BY, ids=("by_hand_1", "by_hand_2"))
    yield Case(MarkedDone, "mark as done", _always(done))
    yield Case(MarkedDone, "mark as done, when items stood in the way", _always(done), {"plan": BLOCKED}, ())
    yield Case(
        MarkedDone,
        "mark as done, when its items were held",
        _always(done),
        {"plan": HELD},
        (),
        facts={"record": STRANGERS},
    )
    yield Case(
        MarkedDone,
        "mark as done, before anything was planned",
        _always(done),
        {"plan": None, "plan_id": None, "work_order_number": None},
        (),
    )
    yield Case(
        MarkedDone, "mark as done, without items", _always(done), {"items": ItemsMode.NONE, "plan": WITHOUT_ITEMS}
    )
    yield Case(MarkedDone, "mark as done, while another send posts", _always(done), facts={"holder": HOLDER})
    yield Case(
        MarkedDone,
        "mark as done, when another send posted its lines since",
        _always(done),
        facts={"account": Account("job", [line("permit", POSTED, id="lin_later", send_id="snd_later")])},
    )
    for says, held in (("some time", WENT_BACK), ("right", JUST_BACK)):
        yield Case(
            MarkedDone, f"mark as done, {says} after the database went back", _always(done), facts={"items_hold": held}
        )
    yield Case(Settled, "settle: it is there", _settles(POSTED), lines=IN_DOUBT)
    yield Case(Settled, "settle: it is not there", _settles(NOT_POSTED), lines=IN_DOUBT)
    yield Case(Settled, "settle: it is not there, too early", _settles(NOT_POSTED), lines=TOO_FRESH)
    yield Case(
        Settled,
        "settle: it is there, and another line is in doubt",
        _settles(POSTED),
        lines=IN_DOUBT,
        others=[ANOTHERS],
    )
    yield Case(
        Settled, "settle: it is there, and another of its lines is in doubt", _settles(POSTED), lines=rows(DOUBT, DOUBT)
    )
    yield Case(Settled, "settle a line that is not in doubt", _settles(POSTED, "lin_valve"), lines=IN_DOUBT)


CASES: tuple[Case, ...] = (
    *_planning(),
    *_header(),
    *_number(),
    *_lines(),
    *_silent(),
    *_answered(),
    *_told(),
    *_crashes(),
    *_annotations(),
    *_acts(),
)
