"""What Jobferry writes about a work order beside its header and its items: the note with a long description, the
marker of a send in a user-defined field, and the job's paperwork. All are off unless the connection switches them on.

Source of services and lengths: Spectrum Data Exchange documentation of WOHeaderNotes and UpdateWorkOrderHeader_UDF.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from core.model.shared.origin import Origin
from core.model.work_orders.optional_fields import OPTIONAL_FIELDS, WRITE_NOTES, WRITE_USER_FIELDS

NOTE_TEXT, TOPIC, APPEND, _NUMBER = "Notes_Text", "Notes_Topic", "Append_Note", "WO_Number"
NOTE_LENGTH = next(one.length for one in OPTIONAL_FIELDS[WRITE_NOTES] if one.name == NOTE_TEXT)
"""Characters of a whole topic, also of one that is appended to."""
USER_FIELDS = tuple(one.name for one in OPTIONAL_FIELDS[WRITE_USER_FIELDS] if one.name.startswith("UDF"))
MARKER_LENGTH = next(one.length for one in OPTIONAL_FIELDS[WRITE_USER_FIELDS] if one.name in USER_FIELDS)
_ID_END = 8
"""Characters of a send's id that tell it from all others: the random end."""
IMAGES = "workOrders/images"
"""A REST service. Source: Spectrum Data Exchange documentation of Work Order Image."""
IMAGE_TYPE, IMAGE_DESCRIPTION, DOCUMENT_ID = "Image_Type", "Image_Description", "Document_ID"
DESCRIPTION_LENGTH = 40


class AnnotationKind(StrEnum):
    """What is written."""

    NOTE = "note"
    """The whole description, in a topic of the work order's notes"""
    MARKER = "marker"
    """Which send wrote last, in a user-defined field"""
    DOCUMENT = "document"
    """An attachment of the job, as a document of the work order"""

    @property
    def service(self) -> str:
        """The web service of Spectrum that writes it."""
        return {AnnotationKind.NOTE: WRITE_NOTES, AnnotationKind.MARKER: WRITE_USER_FIELDS}.get(self, IMAGES)


class AnnotationState(StrEnum):
    """How far it is."""

    PLANNED = "planned"
    """Not written yet; nothing has reached Spectrum"""
    SENDING = "sending"
    """Under way"""
    WRITTEN = "written"
    """Spectrum accepted it"""
    NOT_WRITTEN = "not_written"
    """Spectrum did not take it, and Jobferry does not try again for this send"""
    UNCLEAR = "unclear"
    """A text to be added, which is or is not in Spectrum: it is never added again by itself"""

    @property
    def final(self) -> bool:
        return self in (AnnotationState.WRITTEN, AnnotationState.NOT_WRITTEN, AnnotationState.UNCLEAR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """One of them in a plan. `place` is the topic, the user-defined field, or the id of the attachment, whose `text` is
    its name. `previous` is the text that was written
    there last, None if there is none. `appends`: the text is added to the topic, so a repeat would add it twice.
    `due`: this send writes it; otherwise it is there already. `names_send`: the end of the send's id follows the text,
    which is known only once there is a send. `unsure`: an earlier send that our records do not show may have added it,
    so this one does not."""

    kind: AnnotationKind
    place: str
    text: str
    origin: Origin
    previous: str | None = None
    appends: bool = False
    due: bool = True
    names_send: bool = False
    file_type: str = ""
    unsure: bool = False

    @property
    def key(self) -> str:
        """What tells it from the others of its work order. Each text that is added to a topic has its own, also a long
        time after another one was added. A topic is the same in upper and lower case, as it may be for Spectrum."""
        if self.kind is AnnotationKind.DOCUMENT:
            return f"{self.kind.value}:{self.place}"
        return f"{self.kind.value}:{_hash_of(self.place.upper(), self.text)}" if self.appends else self.kind.value

    @property
    def changes(self) -> bool:
        """Whether this send writes another text than the last one."""
        return self.due and (self.names_send or self.text != self.previous)

    @property
    def shown(self) -> str:
        """The text for people, before there is a send."""
        return f"{self.text} and the end of the send's id" if self.names_send else self.text

    def text_of(self, send_id: str) -> str:
        """The text that this send writes."""
        return marked(self.text, send_id) if self.names_send else self.text

    def fields(self, number: str, send_id: str) -> Mapping[str, str]:
        """The elements of the call."""
        if self.kind is AnnotationKind.MARKER:
            return {_NUMBER: number, self.place: self.text_of(send_id)}
        if self.kind is AnnotationKind.DOCUMENT:
            described = {IMAGE_TYPE: self.file_type, IMAGE_DESCRIPTION: self.text[:DESCRIPTION_LENGTH].rstrip()}
            return {_NUMBER: number, DOCUMENT_ID: "", **described}
        append = {APPEND: "Y"} if self.appends else {}
        return {_NUMBER: number, TOPIC: self.place, NOTE_TEXT: self.text_of(send_id), **append}


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenAnnotation:
    """What was written last under a key. `plan_id`, `attempt_id` and `send_id` are the plan, the call and the send that
    wrote it. `content_hash` is the SHA-256 of a document, `reference` the id under which Spectrum keeps it. `begun_at`
    is when that call was begun. `blocked`: it is unclear because the server did not let the call through, as far as one
    can see, so that others would end in the same way. `settled_at`: when a person said what is in Spectrum."""

    place: str
    text: str
    state: AnnotationState
    plan_id: str
    attempt_id: str = ""
    content_hash: str = ""
    reference: str = ""
    begun_at: datetime | None = None
    send_id: str = ""
    blocked: bool = False
    settled_at: datetime | None = None

    @property
    def may_be_there(self) -> bool:
        """Whether its call was begun, and nobody knows how that ended."""
        return self.state in (AnnotationState.SENDING, AnnotationState.UNCLEAR)

    @property
    def stands(self) -> bool:
        """Whether it is in Spectrum, or may be."""
        return self.may_be_there or self.state is AnnotationState.WRITTEN


def file_key(content_hash: str, name: str) -> str:
    """What tells a file from others of its work order, whichever attachment it was."""
    return f"file:{_hash_of(name, content_hash)}"


def is_addition(key: str) -> bool:
    """Whether what has this key is added by its call, so that a repeat would add it twice."""
    return ":" in key


def kind_of(key: str) -> AnnotationKind:
    """What is written under this key."""
    return AnnotationKind(key.partition(":")[0])


def used_of_note(written: Iterable[WrittenAnnotation], topic: str) -> int:
    """The characters of a topic that texts of Jobferry use, or may use. `written` are notes only."""
    return sum(len(one.text) for one in written if same_topic(one.place, topic) and one.stands)


def same_topic(one: str, other: str) -> bool:
    """Whether both may be one topic in Spectrum: its documentation does not say that case matters."""
    return one.upper() == other.upper()


def _hash_of(place: str, text: str) -> str:
    return sha256(f"{place}\n{text}".encode(errors="surrogatepass")).hexdigest()[:32]


def marked(text: str, send_id: str) -> str:
    """The marker of a send: the job's number and the last 8 characters of the send's id, at most 20 characters."""
    end = send_id[-_ID_END:]
    room = MARKER_LENGTH - len(end) - 1
    return f"{text[:room].rstrip()} {end}".strip()
