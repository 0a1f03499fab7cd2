"""The settings of a connection that make Jobferry write more to Spectrum than the work order and its items.

All are off by default: a connection without them makes the same calls as before. `ConnectionSettings` includes them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from core.model.shared.setting import is_code, setting

MORE_IN_SPECTRUM = "More in Spectrum"
LONGEST_TOPIC = 20
"""Characters of `Notes_Topic`. Source: Spectrum Data Exchange documentation of WOHeaderNotes."""
_USER_FIELD = re.compile(r"^(UDF([1-9]|1[0-9]|20))?$", re.ASCII)


class NoteMode(StrEnum):
    """How a description that is too long for its field goes into the note topic."""

    REPLACE = "replace"
    """Replace the whole topic, which belongs to Jobferry"""
    APPEND = "append"
    """Add each changed text to what the topic holds"""


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionalSettings:
    """What people switch on. A new one is one field here."""

    note_topic: str = setting(
        "",
        title="Note topic for long descriptions",
        group=MORE_IN_SPECTRUM,
        help="A topic of work order notes in Spectrum, which must exist there. A job description of more than 250"
        " characters then goes whole into this note, up to 1,000 characters. Empty: it is cut.",
        valid=is_code(LONGEST_TOPIC),
        rule=f"at most {LONGEST_TOPIC} characters, as the topic is named in Spectrum",
        example="JOBFERRY",
    )
    note_mode: NoteMode = setting(
        NoteMode.REPLACE,
        title="What happens to the text of that note",
        group=MORE_IN_SPECTRUM,
        words={
            "replace": "Jobferry replaces it: use the topic for nothing else",
            "append": "Jobferry adds each changed description at its end",
        },
    )
    marker_field: str = setting(
        "",
        title="User-defined field that shows the send",
        group=MORE_IN_SPECTRUM,
        help="UDF1 to UDF20. Jobferry writes the job's number and the end of the send's id into this field of the work"
        " order, for those who look at Spectrum. The field must be mapped at the Authorization ID. Empty: none.",
        valid=_USER_FIELD.match,
        rule="UDF1 to UDF20, or empty",
        example="UDF7",
    )
    send_paperwork: bool = setting(
        False,
        title="Send the job's paperwork",
        group=MORE_IN_SPECTRUM,
        help="Attachments of a completed job are added to the work order in Spectrum as documents, each of them once.",
    )
