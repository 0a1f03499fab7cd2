"""States, test results and times in the words that an office uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from core.model.sending.answer import CheckState
from core.model.sending.send import SendState


@dataclass(frozen=True, slots=True)
class StateWords:
    """`tone` selects the colour, `mark` shows the same without colour."""

    text: str
    tone: str
    mark: str


STATES: Mapping[SendState, StateWords] = {
    SendState.QUEUED: StateWords("Waiting", "calm", "…"),
    SendState.SENDING: StateWords("Sending", "calm", "→"),
    SendState.RETRYING: StateWords("Retrying by itself", "care", "↻"),
    SendState.IN_DOUBT: StateWords("Outcome unknown", "alarm", "?"),
    SendState.NEEDS_ATTENTION: StateWords("Needs attention", "alarm", "!"),
    SendState.SENT: StateWords("Sent", "good", "✓"),
    SendState.SENT_WITH_WARNINGS: StateWords("Sent, with a warning", "care", "✓"),
    SendState.DONE_BY_HAND: StateWords("Done by hand", "good", "✓"),
    SendState.SUPERSEDED: StateWords("Replaced by a newer send", "quiet", "–"),
    SendState.CANCELLED: StateWords("Cancelled", "quiet", "–"),
}


CHECKS: Mapping[CheckState, StateWords] = {
    CheckState.OK: StateWords("Good", "good", "✓"),
    CheckState.FAILED: StateWords("Failed", "alarm", "!"),
    CheckState.UNKNOWN: StateWords("Not known yet", "calm", "?"),
    CheckState.SKIPPED: StateWords("Skipped", "quiet", "–"),
}


_STEPS = {"servicetrade": "ServiceTrade", "dns": "Name (DNS)", "tls": "Encryption (TLS)", "token": "Sign-in (token)"}


def step_words(name: str) -> str:
    """The title of a step of a connection's test; services keep their own name."""
    return _STEPS.get(name, name if name[:1].isupper() else name.capitalize())


def moment(at: datetime) -> str:
    at = at.astimezone(UTC)
    return f"{at.day} {at:%b %Y, %H:%M} UTC"


def machine_time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")
