"""States, test results and times in an office's words; a row for each connection and send."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from adapters.inbound.schema.wording import CONNECTION_STATES
from core.model.connections.connection import Connection
from core.model.connections.connection_state import ConnectionState
from core.model.sending.send import Send, SendState
from core.model.shared.check_step import CheckState


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


_OPEN_HOLD = "until somebody fixes the cause and resumes the connection"
_STEPS = {
    "maintenance": "Maintenance window",
    "servicetrade": "ServiceTrade",
    "dns": "Name (DNS)",
    "tls": "Encryption (TLS)",
    "token": "Sign-in (token)",
    "authorization": "Authorization ID",
    "read": "Reading",
    "permission": "Right to write",
}


def step_words(name: str) -> str:
    """The title of a step of a connection's test; services keep their own name."""
    return _STEPS.get(name, name if name[:1].isupper() else name.capitalize())


@dataclass(frozen=True, slots=True)
class ConnectionRow:
    connection: Connection
    state: StateWords
    waits: str
    next_try: datetime | None = None


@dataclass(frozen=True, slots=True)
class SendRow:
    send: Send
    connection: str
    state: StateWords


_TONES: Mapping[ConnectionState, tuple[str, str]] = {
    ConnectionState.NOT_PROVEN: ("calm", "?"),
    ConnectionState.WORKING: ("good", "✓"),
    ConnectionState.NO_ITEMS: ("alarm", "!"),
    ConnectionState.WAITING: ("care", "↻"),
    ConnectionState.HELD: ("alarm", "!"),
    ConnectionState.PAUSED: ("quiet", "–"),
}


def connection_row(connection: Connection) -> ConnectionRow:
    words = StateWords(CONNECTION_STATES[connection.state], *_TONES[connection.state])
    hold, items = connection.hold, connection.items_hold
    match connection.state:
        case ConnectionState.PAUSED:
            return ConnectionRow(connection, words, "Sends wait until somebody resumes it.")
        case ConnectionState.HELD if hold:
            return ConnectionRow(connection, words, f"{_sentence(hold.finding.message)} Sends wait {_OPEN_HOLD}.")
        case ConnectionState.WAITING if hold:
            return ConnectionRow(connection, words, _sentence(hold.finding.message), hold.until)
        case ConnectionState.NO_ITEMS if items:
            waits = f"{_sentence(items.finding.message)} Items wait; work orders are sent."
            return ConnectionRow(connection, words, waits)
    return ConnectionRow(connection, words, "")


def send_row(send: Send, connection: str) -> SendRow:
    return SendRow(send, connection, STATES[send.state])


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
