"""A description that is too long for its field and goes whole into a note: both texts, and what is told about them."""

from __future__ import annotations

from core.model.catalogue import finding
from core.model.planning.annotate import beginning, sign_of
from core.model.planning.draft import Draft, FieldPatch
from core.model.shared.finding import Finding, Severity
from core.model.shared.text import cut_at_word
from core.model.work_orders.annotation import NOTE_LENGTH, NOTE_TEXT
from core.model.work_orders.work_order import DESCRIPTION, LENGTHS

_CUT_SIGN = " (cut here; the rest is in ServiceTrade)"
_REASON = "the whole description, which is too long for its field"


def noted_description(text: str, draft: Draft, *, cut: bool) -> tuple[tuple[FieldPatch, ...], tuple[Finding, ...]]:
    """The patches of description and note for a tidied description, and the findings. `cut`: what does not fit into the
    note either may be cut; otherwise the description stays as it is, and is refused as too long."""
    topic, room = draft.connection.note_topic, NOTE_LENGTH - len(beginning(draft))
    whole = len(text) <= room
    if len(text) <= LENGTHS[DESCRIPTION] or not (whole or cut):
        return (), ()
    note = text if whole else cut_at_word(text, room - len(_CUT_SIGN)) + _CUT_SIGN
    sign = sign_of(topic)
    short = cut_at_word(text, LENGTHS[DESCRIPTION] - len(sign)) + sign
    shown = (
        f"The description has {len(text):,} characters. The work order's description shows the first "
        f"{len(short) - len(sign)} of them; the note {topic} "
    )
    if whole:
        message = f"{shown}has all of it."
        found = finding("NOTE_HOLDS_TEXT", message, severity=Severity.INFO, field=DESCRIPTION)
    else:
        message = f"{shown}has the first {len(note) - len(_CUT_SIGN)}; the rest is only in ServiceTrade."
        found = finding("NOTE_TOO_LONG", message, severity=Severity.WARNING, field=DESCRIPTION)
    source = draft.fields[DESCRIPTION].origin.source
    return (
        FieldPatch(NOTE_TEXT, note, "the whole description" if whole else "as much of it as the note takes", source),
        FieldPatch(DESCRIPTION, short, f"cut at a word; more is in the note {topic}", source),
    ), (found,)
