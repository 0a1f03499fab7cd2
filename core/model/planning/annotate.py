"""The note and the marker of a plan: what they would hold, where, and what is told about them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from core.model.catalogue import finding
from core.model.connections.connection import Connection
from core.model.connections.optional_settings import NoteMode
from core.model.connections.settings import Overwrite
from core.model.planning.account import AccountEntry, EntryState, addition_elsewhere
from core.model.planning.draft import Draft, DraftValue
from core.model.planning.earlier_additions import unsure
from core.model.shared.finding import Finding, Severity
from core.model.shared.origin import Origin
from core.model.shared.text import cut_at_word
from core.model.work_orders.annotation import (
    MARKER_LENGTH,
    NOTE_LENGTH,
    NOTE_TEXT,
    USER_FIELDS,
    Annotation,
    AnnotationKind,
    AnnotationState,
    WrittenAnnotation,
    kind_of,
    same_topic,
    used_of_note,
)
from core.model.work_orders.field_check import bad_signs
from core.model.work_orders.paperwork import MOST_DOCUMENTS, Paperwork, chosen
from core.model.work_orders.work_order import DESCRIPTION, LENGTHS, WorkOrderRecord

ELSEWHERE = frozenset({NOTE_TEXT, *USER_FIELDS})
"""Fields that a rule may set although they are no fields of the header; they are written by services of their own."""
_NONE_LEFT = "The job has no description any more."
_FITS_AGAIN = "the note held an earlier description, so it is replaced"


def plan_annotations(
    draft: Draft,
    connection: Connection,
    record: WorkOrderRecord | None,
    paperwork: Paperwork | None = None,
    *,
    unknown: bool = False,
    elsewhere: Sequence[AccountEntry] = (),
) -> tuple[tuple[Annotation, ...], tuple[Finding, ...]]:
    """The annotations of a work order, and what is to be told about them. Empty for a connection without places.

    `unknown`: record and accounts may not show all that earlier sends have added. `elsewhere` is what other
    connections, and removed ones, added or may have added.
    """
    if not (connection.note_topic or connection.marker_field or paperwork):
        return (), ()
    found: list[Finding] = []
    planned = [*_note(draft, connection, record, found), *_marker(draft, connection, record)]
    planned += _documents(paperwork, record, found) if paperwork else ()
    planned = [_beside_others(one, elsewhere, found) for one in planned]
    if unknown:
        planned = [_once(one, connection, record, found) for one in planned]
    return tuple(planned), tuple(found)


def _beside_others(one: Annotation, entries: Sequence[AccountEntry], found: list[Finding]) -> Annotation:
    """What another connection added stands. Of what it may have added, a person says there what is in Spectrum."""
    state = addition_elsewhere(one.key, entries) if one.appends and one.due else None
    if state is None:
        return one
    if state is EntryState.OPEN:
        found.append(unclear(one, elsewhere=True))
        return replace(one, due=False)
    if one.kind is AnnotationKind.NOTE:
        message = f"Another connection to the same company has added this text to the note {one.place}, so it is there."
        found.append(finding("NOTE_HOLDS_TEXT", message, severity=Severity.INFO, field=NOTE_TEXT))
    return replace(one, due=False, previous=one.text)


def _once(one: Annotation, connection: Connection, record: WorkOrderRecord | None, found: list[Finding]) -> Annotation:
    """What an earlier send may have added is not added again by guess."""
    if not (one.appends and one.due and unsure(record.annotations.get(one.key) if record else None, connection)):
        return one
    found.append(unclear(one))
    return replace(one, due=False, unsure=True)


def fit_note(draft: Draft, connection: Connection, record: WorkOrderRecord | None) -> Draft:
    """The draft without its note if the topic has no room for a text to be added. The description then does not say
    that more is in the note."""
    note, topic = draft.fields.get(NOTE_TEXT), connection.note_topic
    if not (note and topic and connection.note_mode is NoteMode.APPEND):
        return draft
    text, earlier = beginning(draft) + note.value, _notes_of(record)
    used = used_of_note(earlier, topic)
    there = any(same_topic(one.place, topic) and one.text == text and one.stands for one in earlier)
    if there or not used or used + len(text) <= NOTE_LENGTH:
        return draft
    message = (
        f"The note {topic} has no room for {len(text)} more characters: it takes {NOTE_LENGTH:,}, and "
        f"{used} of them are used by earlier texts. The rest of the description is only in ServiceTrade."
    )
    found = finding("NOTE_TOO_LONG", message, severity=Severity.WARNING, field=NOTE_TEXT)
    fields = {name: one for name, one in draft.fields.items() if name != NOTE_TEXT}
    shown = fields.get(DESCRIPTION)
    if shown and shown.value.endswith(sign_of(topic)):
        origin = replace(shown.origin, reason="cut at a word; the note has no room")
        fields[DESCRIPTION] = DraftValue(cut_at_word(note.value, LENGTHS[DESCRIPTION]), origin)
    kept = (one for one in draft.findings if one.code not in ("NOTE_HOLDS_TEXT", "NOTE_TOO_LONG"))
    return replace(draft, fields=fields, findings=(*kept, found))


def sign_of(topic: str) -> str:
    """What a cut description ends with."""
    return f" (more in note {topic})"


def names_a_place(connection: Connection, field: str) -> bool:
    """Whether the connection writes this field, which is none of the header."""
    return field == connection.marker_field or (field == NOTE_TEXT and bool(connection.note_topic))


def beginning(draft: Draft) -> str:
    """What stands before a text that is added to a note, so that people see where it begins; '' if it is replaced."""
    return f"Job {draft.job.number or draft.job.id}: " if draft.connection.note_mode == "append" else ""


def _note(
    draft: Draft, connection: Connection, record: WorkOrderRecord | None, found: list[Finding]
) -> Iterator[Annotation]:
    if not (topic := connection.note_topic):
        return
    appends, before = connection.note_mode is NoteMode.APPEND, None
    stand = [one for one in _notes_of(record) if one.stands]
    if stand and not any(same_topic(one.place, topic) for one in stand):
        message = f"The note {stand[-1].place} keeps the text of an earlier send. From now on the note {topic} is used."
        found.append(finding("NOTE_HOLDS_TEXT", message, severity=Severity.INFO, field=NOTE_TEXT))
    if not appends:  # of several texts in the topic, whichever: it shows that the topic holds one
        last = record.annotations.get(AnnotationKind.NOTE) if record else None
        added = (one for one in stand if one.place == topic)
        before = last if last and last.place == topic else next(added, None)
    drafted = draft.fields.get(NOTE_TEXT)
    if (drafted is None or not drafted.value) and before and not appends:
        drafted = _present(draft)
    if drafted is None or not drafted.value:
        return
    text = beginning(draft) + drafted.value
    if bad := bad_signs(text, free=True):
        message = f"Characters that Spectrum's web service does not accept are question marks in the note: {bad}."
        found.append(finding("INVALID_CHARACTERS", message, severity=Severity.WARNING, field=NOTE_TEXT))
        text = _sendable(text)
    if len(text) > NOTE_LENGTH:
        message = f"The text for the note has {len(text):,} characters; Spectrum takes at most {NOTE_LENGTH:,}."
        found.append(finding("NOTE_TOO_LONG", message, field=NOTE_TEXT))
    planned = Annotation(
        kind=AnnotationKind.NOTE,
        place=topic,
        text=text,
        origin=drafted.origin,
        previous=before.text if before else None,
        appends=appends,
    )
    if appends:
        yield _appended(planned, record, found)
    else:
        mixed = any(one.place == topic and one is not before for one in stand)  # something was added beside it
        yield replace(planned, due=mixed or _is_due(planned, before, connection))


def _notes_of(record: WorkOrderRecord | None) -> Sequence[WrittenAnnotation]:
    """All notes of the job, whichever way they were written."""
    written: Iterable[tuple[str, WrittenAnnotation]] = record.annotations.items() if record else ()
    return [one for key, one in written if kind_of(key) is AnnotationKind.NOTE]


def _sendable(text: str) -> str:
    return "".join("?" if bad_signs(ch, free=True) else ch for ch in text)


def _present(draft: Draft) -> DraftValue | None:
    """The whole description for a note that held a longer one: otherwise the note would contradict the work order."""
    drafted = draft.fields.get(DESCRIPTION)
    if drafted and len(drafted.value) > LENGTHS[DESCRIPTION]:
        return None  # it is refused as too long
    if drafted is None or not drafted.value:
        return DraftValue(_NONE_LEFT, Origin("core", reason=_FITS_AGAIN))
    return DraftValue(drafted.value, replace(drafted.origin, reason=_FITS_AGAIN))


def _appended(planned: Annotation, record: WorkOrderRecord | None, found: list[Finding]) -> Annotation:
    """Each text, and each document, is added once, whatever was added since. What may be there is not added again."""
    before = record.annotations.get(planned.key) if record else None
    if before is None or not before.stands:
        return planned
    if before.may_be_there:
        found.append(unclear(planned))
    return replace(planned, due=False, previous=before.text)


def _is_due(planned: Annotation, before: WrittenAnnotation | None, connection: Connection) -> bool:
    if connection.overwrite is Overwrite.ALL:
        return True
    return before is None or before.text != planned.text or before.state is not AnnotationState.WRITTEN


def _marker(draft: Draft, connection: Connection, record: WorkOrderRecord | None) -> Iterator[Annotation]:
    if not (field := connection.marker_field):
        return
    before = record.annotations.get(AnnotationKind.MARKER) if record else None
    drafted, by_rule = draft.fields.get(field), True
    if drafted is None or not drafted.value.strip():
        origin = Origin("core", reason="the job's number and the end of the send's id")
        drafted, by_rule = DraftValue(draft.job.number or draft.job.id, origin), False
    yield Annotation(
        kind=AnnotationKind.MARKER,
        place=field,
        text="".join(ch if ch.isascii() and ch.isprintable() else "?" for ch in drafted.value.strip())[:MARKER_LENGTH],
        origin=drafted.origin,
        previous=before.text if before and before.place == field else None,
        names_send=not by_rule,
    )


def _documents(paperwork: Paperwork, record: WorkOrderRecord | None, found: list[Finding]) -> Iterator[Annotation]:
    """Each attachment once for each work order. One that may be there already is not sent again."""
    if paperwork.trouble:
        message = f"The job's paperwork cannot be read in ServiceTrade, so none is sent: {paperwork.trouble}"
        found.append(finding("DOCUMENT_NOT_SENT", message, severity=Severity.WARNING))
    sent, left = chosen(paperwork.attachments)
    if left:
        names = "; ".join(f"{one.name or one.id} ({why})" for one, why in left[:MOST_DOCUMENTS])
        more = f"; and {len(left) - MOST_DOCUMENTS} more" if len(left) > MOST_DOCUMENTS else ""
        message = f"These attachments are not sent: {names}{more}."
        found.append(finding("DOCUMENTS_LEFT_OUT", message, severity=Severity.INFO))
    for one in sent:
        planned = Annotation(
            kind=AnnotationKind.DOCUMENT,
            place=one.id,
            text=_sendable(one.name),
            origin=Origin("job.attachment", reason="the job's paperwork"),
            appends=True,
            file_type=one.file_type,
        )
        yield _appended(planned, record, found)


def unclear(one: Annotation, *, elsewhere: bool = False) -> Finding:
    """NOTE_UNCLEAR or DOCUMENT_UNCLEAR, about what each call adds. `elsewhere`: another connection may have added it,
    and a person says there what is in Spectrum."""
    who = ", by another connection to the same company. Who may see that one says there what is in Spectrum" * elsewhere
    if one.kind is AnnotationKind.DOCUMENT:
        message = (
            f"It is not known whether the document {one.text} was added to the work order{who}. Jobferry does not send "
            "it again, because it might then be there twice."
        )
        return finding("DOCUMENT_UNCLEAR", message, severity=Severity.WARNING)
    message = (
        f"It is not known whether the description was added to the note {one.place} of the work order{who}. Jobferry "
        "does not add it again, because it might then be there twice."
    )
    return finding("NOTE_UNCLEAR", message, severity=Severity.WARNING, field=NOTE_TEXT)
