"""What follows from writing the note and the marker. They come last, and whatever becomes of them, work order and items
stay sent: what cannot be written is a warning on the send.

A call that replaces is repeated like the header. A text that is added to a note is sent once, and so is a document: the
intent is stored before, and if the answer is lost it is not added again, by no send and no connection.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.model.catalogue import finding
from core.model.planning.account import EntryState, addition_elsewhere
from core.model.planning.annotate import unclear
from core.model.sending.answer import Accepted, NotSent, Refused, Unknown, UnknownReason
from core.model.sending.diagnosis import Diagnosis, Remedy, warnings
from core.model.sending.lifecycle.change import Change
from core.model.sending.lifecycle.endings import record_of, repeated, spectrum_trouble
from core.model.sending.lifecycle.event import AnnotationAnswered, AnnotationBegins, AnnotationUnread
from core.model.sending.lifecycle.facts import Facts
from core.model.sending.lifecycle.following_step import next_annotation, step_after_items
from core.model.sending.lifecycle.header import gate_open_elsewhere
from core.model.sending.send import Send, SendState, Topic
from core.model.shared.finding import Finding, Severity
from core.model.work_orders.annotation import (
    DOCUMENT_ID,
    NOTE_TEXT,
    Annotation,
    AnnotationKind,
    AnnotationState,
    WrittenAnnotation,
    file_key,
    is_addition,
    kind_of,
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
    if following.appends and (decided := _not_begun(send, event, facts, following)):
        return decided
    begun = WrittenAnnotation(
        place=following.place,
        text=following.text_of(send.id),
        state=AnnotationState.SENDING,
        plan_id=send.plan_id or "",
        attempt_id=event.attempt_id,
        content_hash=event.content_hash,
        begun_at=facts.now,
        send_id=send.id,
    )
    record = replace(
        _with(record_of(send, facts), following, begun),
        header_until=facts.now + facts.header_within,
        header_epoch=facts.epoch,
    )
    return Change(send=replace(send, state=SendState.SENDING), record=record, annotation=following)


def _not_begun(send: Send, event: AnnotationBegins, facts: Facts, one: Annotation) -> Change | None:
    """What becomes of an addition that may have been made, or was: it is not made again. None if it may begin."""
    written = record_of(send, facts).annotations
    before, other = written.get(one.key), addition_elsewhere(one.key, facts.additions)
    if other is None and event.content_hash:
        other = addition_elsewhere(file_key(event.content_hash, one.text), facts.additions)
    # The plan may be from before the database was found to have gone back.
    if (before and before.may_be_there) or facts.items_hold:
        return _decided(send, facts, one, AnnotationState.UNCLEAR, (unclear(one),))
    if other is EntryState.OPEN:
        return _decided(send, facts, one, AnnotationState.NOT_WRITTEN, (unclear(one, elsewhere=True),))
    same = [old for key, old in written.items() if key != one.key and _same_file(old, one, event.content_hash)]
    if other is EntryState.STANDS or any(old.state is AnnotationState.WRITTEN for old in same):
        return _decided(send, facts, one, AnnotationState.WRITTEN, ())
    if any(old.may_be_there for old in same):
        return _decided(send, facts, one, AnnotationState.UNCLEAR, (unclear(one),))
    return None


def _same_file(old: WrittenAnnotation, one: Annotation, content_hash: str) -> bool:
    """Whether somebody attached the same file to the job once more."""
    return bool(content_hash) and old.content_hash == content_hash and old.text == one.text


def annotation_answered(send: Send, event: AnnotationAnswered, facts: Facts) -> Change:
    """Store the answer. What passes is tried again, within the usual limits; the rest becomes a warning."""
    one, diagnosis = event.annotation, event.diagnosis
    match event.outcome:
        case Accepted():
            reference = next((row.text for row in event.outcome.returned if row.column == DOCUMENT_ID), "")
            change = _decided(send, facts, one, AnnotationState.WRITTEN, warnings(event.outcome), reference)
            return change.but(attempt=event.attempt, holds=True, of_connection=(_TOPICS[one.kind], None))
        case Unknown() if one.appends:
            blocked = bars_all(event.outcome)
            change = _decided(send, facts, one, AnnotationState.UNCLEAR, (unclear(one),), blocked=blocked)
            told = (_TOPICS[one.kind], held_back(one, event.outcome.detail)) if blocked else None
            return change.but(attempt=event.attempt, of_connection=told)
        case NotSent() | Refused() | Unknown():
            assert diagnosis is not None  # noqa: S101 - always set, except for Accepted
            if again := _tried_again(send, event, diagnosis, facts):
                return again
    change = _decided(send, facts, one, AnnotationState.NOT_WRITTEN, (not_written(one, diagnosis.findings),))
    told = (_TOPICS[one.kind], change.send.findings[-1]) if _meets_all(diagnosis) else None
    return change.but(attempt=event.attempt, of_connection=told, holds=facts.hold is not None)


def bars_all(outcome: Unknown) -> bool:
    """Whether the server, or something before it, does not let such calls through, as far as one can see: the next one
    would be as unclear as this one. It may also have answered so after Spectrum took the call."""
    client_error = outcome.status is not None and 400 <= outcome.status < 500
    return client_error or outcome.reason in (UnknownReason.UNAUTHENTICATED, UnknownReason.SERVICE_NOT_THERE)


def held_back(one: Annotation, detail: str) -> Finding:
    """PAPERWORK_HELD or NOTES_HELD: why the connection adds none until a person has looked at the first one."""
    document = one.kind is AnnotationKind.DOCUMENT
    what = "documents" if document else "texts to notes"
    return finding(
        "PAPERWORK_HELD" if document else "NOTES_HELD",
        f"The server did not let a call through that adds {what}: {detail} It does not say whether Spectrum took that "
        f"one, so this connection adds no {what} until somebody has looked in Spectrum.",
        severity=Severity.WARNING,
    )


def annotation_unread(send: Send, event: AnnotationUnread, facts: Facts) -> Change:
    """The content could not be read in ServiceTrade, or the connection adds nothing now. If an earlier call was cut
    short, the document or text may be there."""
    one, before = event.annotation, record_of(send, facts).annotations.get(event.annotation.key)
    if before and before.may_be_there:
        return _decided(send, facts, one, AnnotationState.UNCLEAR, (unclear(one),))
    if event.passes and facts.delays.after(send.attempts + 1) is not None:
        return repeated(send, facts, (event.problem,))
    return _decided(send, facts, one, AnnotationState.NOT_WRITTEN, (not_written(one, (event.problem,)),))


def given_up(send: Send, facts: Facts, problem: Finding) -> Change:
    """Jobferry itself failed each time. A text that may have been added is unclear."""
    following = next_annotation(send, facts)
    if following is None:
        return Change(send=_goes_on(send, facts))
    before = record_of(send, facts).annotations.get(following.key)
    if following.appends and before and before.may_be_there:
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
    clean = not isinstance(event.outcome, Unknown)
    planned = replace(written, state=AnnotationState.PLANNED) if clean else written
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
    *,
    blocked: bool = False,
) -> Change:
    """The send with what became of one of them; it goes on to the next one, or to its end."""
    written = record_of(send, facts).annotations.get(one.key) or WrittenAnnotation(
        place=one.place,
        text=one.text,
        state=state,
        plan_id="",
        begun_at=facts.now if state is AnnotationState.UNCLEAR else None,
    )
    now = replace(
        written,
        state=state,
        plan_id=send.plan_id or "",
        send_id=send.id,
        reference=reference,
        blocked=blocked,
        settled_at=None,
    )
    record = _open_no_more(_with(record_of(send, facts), one, now))
    if state is AnnotationState.WRITTEN and one.kind is AnnotationKind.NOTE and not one.appends:
        record = _without_added(record, one.place)
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


def _without_added(record: WorkOrderRecord, topic: str) -> WorkOrderRecord:
    """The topic was replaced as a whole, so what was added before is there no more. A text whose call is unclear may
    still arrive."""
    kept = {
        key: old
        for key, old in record.annotations.items()
        if not (
            is_addition(key) and kind_of(key) is AnnotationKind.NOTE and old.place == topic and not old.may_be_there
        )
    }
    return replace(record, annotations=kept)


def _open_no_more(record: WorkOrderRecord) -> WorkOrderRecord:
    """No write of this drain may leave any more."""
    return replace(record, header_until=None, header_epoch=None)


def _meets_all(diagnosis: Diagnosis) -> bool:
    return any(found.code in _OF_CONNECTION for found in diagnosis.findings)
