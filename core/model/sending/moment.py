"""What became of the send that a finding belongs to: decides which of its advice is true."""

from __future__ import annotations

from core.model.connections.connection import Connection, Hold
from core.model.sending.send import SendState
from core.model.shared.advice import Outcome
from core.model.shared.finding import Finding, Retry

_SENT = frozenset({SendState.SENT, SendState.SENT_WITH_WARNINGS, SendState.DONE_BY_HAND})
_ENDED = frozenset({SendState.SUPERSEDED, SendState.CANCELLED})


def outcome_of(found: Finding, state: SendState, *, held: bool = False) -> Outcome:
    """The outcome for a finding of a send in this state. `held`: its connection or account waits for a person."""
    if state in _SENT:
        return Outcome.WARNED
    if state in _ENDED:
        return Outcome.NOTED
    if state is SendState.IN_DOUBT:
        return Outcome.STOPPED if found.blocks else Outcome.WARNED
    if state is SendState.NEEDS_ATTENTION:
        return outcome_of_failure(found)
    if not found.blocks and found.retry is not Retry.BACKOFF:
        return Outcome.NOTED
    return Outcome.HELD if held else Outcome.RETRIES


def waits_for_a_person(connection: Connection) -> bool:
    """Whether the sends of the connection wait until somebody resumes it."""
    return connection.paused or (connection.hold is not None and connection.hold.until is None)


def outcome_of_failure(found: Finding) -> Outcome:
    """The outcome for a finding of a send that Jobferry does not try again by itself."""
    if not found.blocks:
        return Outcome.NOTED
    return Outcome.GAVE_UP if found.retry is Retry.BACKOFF else Outcome.STOPPED


def outcome_in_preview(found: Finding) -> Outcome:
    return Outcome.BLOCKED if found.blocks else Outcome.NOTED


def outcome_of_hold(hold: Hold) -> Outcome:
    """The outcome for the finding that holds a connection."""
    return Outcome.HELD if hold.until is None else Outcome.RETRIES


def outcome_of_notice(found: Finding) -> Outcome:
    """The outcome for a finding of a connection that belongs to no send."""
    return Outcome.STOPPED if found.blocks else Outcome.NOTED
