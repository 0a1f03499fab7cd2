"""Rows of the console's tables: a connection with the reason why it waits, a send with its state."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.inbound.console.words import STATES, StateWords, moment
from core.model.connections.connection import Connection
from core.model.sending.send import Send

_OPEN_HOLD = "until somebody fixes the cause and resumes the connection"


@dataclass(frozen=True, slots=True)
class ConnectionRow:
    connection: Connection
    state: StateWords
    waits: str


@dataclass(frozen=True, slots=True)
class SendRow:
    send: Send
    connection: str
    state: StateWords


_WORKING = StateWords("Working", "good", "✓")
_PAUSED = StateWords("Paused", "quiet", "–")
_WAITING = StateWords("Waiting", "care", "↻")
_HELD = StateWords("Held", "alarm", "!")
_NO_ITEMS = StateWords("No items", "alarm", "!")


def connection_row(connection: Connection) -> ConnectionRow:
    hold = connection.hold
    if connection.paused:
        return ConnectionRow(connection, _PAUSED, "Sends wait until somebody resumes it.")
    if hold is None and (items := connection.items_hold):
        waits = f"{_sentence(items.finding.message)} Items wait; work orders are sent."
        return ConnectionRow(connection, _NO_ITEMS, waits)
    if hold is None:
        return ConnectionRow(connection, _WORKING, "")
    if hold.until is None:
        return ConnectionRow(connection, _HELD, f"{_sentence(hold.finding.message)} Sends wait {_OPEN_HOLD}.")
    return ConnectionRow(connection, _WAITING, f"{_sentence(hold.finding.message)} Next try {moment(hold.until)}.")


def send_row(send: Send, connection: str) -> SendRow:
    return SendRow(send, connection, STATES[send.state])


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
