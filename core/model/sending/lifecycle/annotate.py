"""What follows from writing the note and the marker. They come last, and whatever becomes of them, work order and items
stay sent: what cannot be written is a warning on the send.

A call that replaces is repeated like the header. A text that is added to a note is sent once: its intent is stored
before, and if the answer is lost it is not added again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.model.catalogue import finding
from core.model.planning.annotate import unclear
from core.model.sending.answer import Accepted, NotSent, Refused, Unknown
from core.model.sending.diagnosis import Diagnosis, Remedy, warnings
from core.model.sending.lifecycle.change import Act, Change
from core.model.sending.lifecycle.endings import record_of, repeated, spectrum_trouble
from core.model.sending.lifecycle.event import AnnotationAnswered, AnnotationBegins, DocumentSettled, DocumentUnread
from core.model.sending.lifecycle.facts import Facts
from core.model.sending.lifecycle.following_step import next_annotation, step_after_items
from core.model.sending.lifecycle.header import gate_open_elsewhere
from core.model.sending.send import Send, SendState, Topic
from core.model.shared.errors import Conflict
from core.model.shared.finding import Finding, Severity
from core.model.shared.moments import moment_words
from core.model.work_orders.annotation import (
    DOCUMENT_ID,
    NOTE_TEXT,
    Annotation,
    AnnotationKind,
    AnnotationState,
    WrittenAnnotation,
)
from core.model.work_orders.work_order import WorkOrderRecord

_TOPICS = {
    AnnotationKind.NOTE: Topic.NOTE,
    AnnotationKind.MARKER: Topic.MARKER,
    AnnotationKind.DOCUMENT: Topic.DOCUMENTS,
}
_NOT_WRITTEN = {
    AnnotationKind.NOTE: "NOTE_NOT_WRITTEN",
    AnnotationKind.MARKER: "MARKER_NOT_WRITTEN",
    AnnotationKind.DOCUMENT: "DOCUMENT_NOT_SENT",
}
_OF_CONNECTION = frozenset({"WEB_SERVICE_DISABLED", "AUTH_NOT_AUTHORIZED"})
"""Causes that the next send meets, too."""


def annotation_begins(send: Send, event: AnnotationBegins, facts: Facts) -> Change:
    """Store the intent of the next one; or settle for a warning if it may have been added already."""
    following = next_annotation(send, facts)
    if following is None:
        return Change(send=_goes_on(send, facts))
    if wait := gate_open_elsewhere(send, facts):
        return wait
    if following.kind is AnnotationKind.DOCUMENT and event.key != following.key:
        return Change(send=replace(send, due_at=facts.now))  # its content is to be read first
    before = record_of(send, facts).annotations.get(following.key)
    # The plan may be from before the database was found to have gone back.
    if (before and before.may_be_there(following)) or (facts.items_hold and following.appends):
        return _decided(send, facts, following, AnnotationState.UNCLEAR, (unclear(following),))
    added = before.added if before and before.place == following.place else 0
    begun = WrittenAnnotation(
        place=following.place,
        text=following.text_of(send.id),
        state=AnnotationState.SENDING,
        plan_id=send.plan_id or "",
        attempt_id=event.attempt_id,
        added=added + len(following.text) if following.appends else 0,
        content_hash=event.content_hash,
        begun_at=facts.now,
    )
    record = replace(
        _with(record_of(send, facts), following, begun),
        header_until=facts.now + facts.header_within,
        header_epoch=facts.epoch,
    )
    return Change(send=replace(send, state=SendState.SENDING), record=record, annotation=following)


def annotation_answered(send: Send, event: AnnotationAnswered, facts: Facts) -> Change:
    """Store the answer. What passes is tried again, within the usual limits; the rest becomes a warning."""
    one, diagnosis = event.annotation, event.diagnosis
    match event.outcome:
        case Accepted():
            reference = next((row.text for row in event.outcome.returned if row.column == DOCUMENT_ID), "")
            change = _decided(send, facts, one, AnnotationState.WRITTEN, warnings(event.outcome), reference)
            return change.but(attempt=event.attempt, holds=True, of_connection=(_TOPICS[one.kind], None))
        case Unknown() if one.appends:
            change = _decided(send, facts, one, AnnotationState.UNCLEAR, (unclear(one),))
            return change.but(attempt=event.attempt)
        case NotSent() | Refused() | Unknown():
            assert diagnosis is not None  # noqa: S101 - always set, except for Accepted
            if again := _tried_again(send, event, diagnosis, facts):
                return again
    change = _decided(send, facts, one, AnnotationState.NOT_WRITTEN, (not_written(one, diagnosis.findings),))
    told = (_TOPICS[one.kind], change.send.findings[-1]) if _meets_all(diagnosis) else None
    return change.but(attempt=event.attempt, of_connection=told, holds=facts.hold is not None)


def document_unread(send: Send, event: DocumentUnread, facts: Facts) -> Change:
    """The content could not be read in ServiceTrade. If an earlier call was cut short, the document may be there."""
    one, before = event.annotation, record_of(send, facts).annotations.get(event.annotation.key)
    if before and before.may_be_there(one):
        return _decided(send, facts, one, AnnotationState.UNCLEAR, (unclear(one),))
    if event.passes and facts.delays.after(send.attempts + 1) is not None:
        return repeated(send, facts, (event.problem,))
    return _decided(send, facts, one, AnnotationState.NOT_WRITTEN, (not_written(one, (event.problem,)),))


def document_settled(send: Send, event: DocumentSettled, facts: Facts) -> Change:
    """A document that is not there goes with the job's next send. Raises Conflict (DOCUMENT_NOT_UNCLEAR, or
    DOUBT_TOO_FRESH for one that Spectrum may still add)."""
    record = record_of(send, facts)
    found = record.annotations.get(event.key)
    if found is None or found.state is not AnnotationState.UNCLEAR:
        raise Conflict(
            "This document does not wait for a check in Spectrum: its outcome is known.",
            code="DOCUMENT_NOT_UNCLEAR",
            fix="Load the send again.",
        )
    # Of its own call: the send on whose page a person says it may be an older one, or may still go on.
    until = found.begun_at + event.quiet if found.begun_at else None
    if not event.there and until and facts.now < until:
        words = moment_words(until, seconds=True)
        raise Conflict(
            f"It is too early to say that the document is not there: until {words} Spectrum may still add it.",
            code="DOUBT_TOO_FRESH",
            fix=f"Look again after {words}. If the document is there already, enter that now.",
        )
    state = AnnotationState.WRITTEN if event.there else AnnotationState.NOT_WRITTEN
    settled = {**record.annotations, event.key: replace(found, state=state)}
    detail = {"document": found.text, "outcome": "there" if event.there else "not_there", "reason": event.reason}
    return Change(
        send=send,
        record=replace(record, annotations=settled),
        acts=(Act(event.by, "document.settled", send.id, detail),),
        log="document.settled",
        log_data={"key": event.key, "outcome": state.value, "by": event.by},
    )


def given_up(send: Send, facts: Facts, problem: Finding) -> Change:
    """Jobferry itself failed each time. A text that may have been added is unclear."""
    following = next_annotation(send, facts)
    if following is None:
        return Change(send=_goes_on(send, facts))
    before = record_of(send, facts).annotations.get(following.key)
    if before and before.may_be_there(following):
        return _decided(send, facts, following, AnnotationState.UNCLEAR, (unclear(following),))
    return _decided(send, facts, following, AnnotationState.NOT_WRITTEN, (not_written(following, (problem,)),))


def not_written(one: Annotation, findings: Sequence[Finding]) -> Finding:
    """NOTE_NOT_WRITTEN, MARKER_NOT_WRITTEN or DOCUMENT_NOT_SENT, with the reasons."""
    reasons = " ".join(found.message for found in findings if found.blocks) or "Spectrum did not take it."
    what = {
        AnnotationKind.NOTE: f"note {one.place} with the whole description",
        AnnotationKind.MARKER: f"marker of this send in {one.place}",
        AnnotationKind.DOCUMENT: f"document {one.text}",
    }[one.kind]
    return finding(
        _NOT_WRITTEN[one.kind],
        f"The work order is in Spectrum, but not the {what}: {reasons}",
        severity=Severity.WARNING,
        field={AnnotationKind.NOTE: NOTE_TEXT, AnnotationKind.MARKER: one.place}.get(one.kind),
    )


def _tried_again(send: Send, event: AnnotationAnswered, diagnosis: Diagnosis, facts: Facts) -> Change | None:
    """The wait for a cause that passes; None if it does not, or if all tries are used up."""
    record = record_of(send, facts)
    written = record.annotations[event.annotation.key]
    # An answer without a write gives back the room that a text to be added had taken in the topic.
    clean = not isinstance(event.outcome, Unknown)
    back = len(event.annotation.text) if event.annotation.appends else 0
    planned = replace(written, state=AnnotationState.PLANNED, added=written.added - back) if clean else written
    match diagnosis.remedy:
        case Remedy.HOLD_CONNECTION:
            change = spectrum_trouble(send, facts, diagnosis, event.attempt)
        case Remedy.REPEAT | Remedy.WAIT_FOR_RECORD if facts.delays.after(send.attempts + 1) is not None:
            change = repeated(send, facts, diagnosis.findings, event.attempt)
        case _:
            return None
    return change.but(record=_open_no_more(_with(record, event.annotation, planned)))


def _decided(
    send: Send,
    facts: Facts,
    one: Annotation,
    state: AnnotationState,
    findings: Sequence[Finding],
    reference: str = "",
) -> Change:
    """The send with what became of one of them; it goes on to the next one, or to its end."""
    before = record_of(send, facts).annotations.get(one.key)
    begun = before if before and (not one.appends or before.adds(one)) else None
    written = begun or WrittenAnnotation(
        place=one.place,
        text=one.text,
        state=state,
        plan_id="",
        added=before.added if before and before.place == one.place else 0,
        begun_at=facts.now if state is AnnotationState.UNCLEAR else None,
    )
    back = len(one.text) if one.appends and state is AnnotationState.NOT_WRITTEN and begun else 0
    now = replace(
        written, state=state, plan_id=send.plan_id or "", added=max(written.added - back, 0), reference=reference
    )
    record = _open_no_more(_with(record_of(send, facts), one, now))
    send = replace(send, findings=(*send.findings, *findings))
    return Change(
        send=_goes_on(send, replace(facts, record=record)),
        record=record,
        log="annotation.decided",
        log_data={"kind": one.kind.value, "state": state.value},
    )


def _goes_on(send: Send, facts: Facts) -> Send:
    step = step_after_items(send, facts)
    return replace(send, state=SendState.SENDING, step=step, due_at=facts.now, attempts=0, waits=0)


def _with(record: WorkOrderRecord, one: Annotation, written: WrittenAnnotation) -> WorkOrderRecord:
    return replace(record, annotations={**record.annotations, one.key: written})


def _open_no_more(record: WorkOrderRecord) -> WorkOrderRecord:
    """No write of this drain may leave any more."""
    return replace(record, header_until=None, header_epoch=None)


def _meets_all(diagnosis: Diagnosis) -> bool:
    return any(found.code in _OF_CONNECTION for found in diagnosis.findings)
