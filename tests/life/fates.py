"""What may become of one call to Spectrum: whether it takes effect, and what we hear of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

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


@dataclass(frozen=True)
class Fate:
    """`applied` late: some minutes afterwards, within the quiet period. `elsewhere`: under a number of Spectrum's."""

    outcome: WriteOutcome
    applied: bool | Literal["late"]
    elsewhere: bool = False


ANOTHER_NUMBER = "S999999"
FATES = {
    "cut_applied": Fate(Unknown(UnknownReason.CONNECTION_LOST, "broken off"), applied=True),
    "cut_lost": Fate(Unknown(UnknownReason.CONNECTION_LOST, "broken off"), applied=False),
    "late": Fate(Unknown(UnknownReason.TIMEOUT, "no answer"), applied="late"),
    "gone_applied": Fate(Unknown(UnknownReason.HTTP_ERROR, "HTTP 404", status=404), applied=True),
    "fault": Fate(Unknown(UnknownReason.SERVER_FAULT, "server fault", status=500), applied=False),
    "refused": Fate(Refused((AnswerRow("I", "not on file", "Cost_Center"),)), applied=False),
    "locked": Fate(Refused((AnswerRow("E", "record is locked", "WO_Number"),)), applied=False),
    "login": Fate(Refused((AnswerRow("I", "Not authorized", "Authorization_ID"),)), applied=False),
    "not_sent": Fate(NotSent(NotSentReason.REFUSED, "nobody there"), applied=False),
    "other_number": Fate(Accepted(), applied=True, elsewhere=True),
}
HEADER_FATES = (
    "cut_applied",
    "cut_lost",
    "gone_applied",
    "fault",
    "refused",
    "locked",
    "login",
    "not_sent",
    "other_number",
)
"""A header is repeated under its own number, so one that comes late would only be the older text once more."""
LINE_FATES = ("cut_applied", "cut_lost", "late", "gone_applied", "fault", "refused", "locked", "login", "not_sent")
