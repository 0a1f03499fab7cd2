"""States, test results and times in an office's words; a row for each connection and send."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from adapters.inbound.schema.wording import CONNECTION_STATES
from core.model.access.person import Role
from core.model.catalogue import CATALOGUE
from core.model.connections.connection import Connection
from core.model.connections.connection_state import ConnectionState
from core.model.sending.answer import NotSentReason, UnknownReason
from core.model.sending.outcome_words import items_words, outcome_words
from core.model.sending.progress import Mark, Progress
from core.model.sending.send import Send, SendState, Step
from core.model.shared.check_step import CheckState
from core.model.shared.finding import Finding, Severity
from core.model.work_orders.annotation import AnnotationState
from core.model.work_orders.cost_line import ItemsMode, LineState


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
    SendState.IN_DOUBT: StateWords("Check in Spectrum", "alarm", "?"),
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


LINE_STATES: Mapping[LineState, str] = {
    LineState.PLANNED: "not posted yet",
    LineState.SENDING: "being posted",
    LineState.POSTED: "posted",
    LineState.REJECTED: "refused by Spectrum",
    LineState.IN_DOUBT: "check in Spectrum",
    LineState.NOT_POSTED: "not posted",
}
ANNOTATION_STATES: Mapping[AnnotationState, str] = {
    AnnotationState.PLANNED: "not written yet",
    AnnotationState.SENDING: "being written",
    AnnotationState.WRITTEN: "in Spectrum",
    AnnotationState.NOT_WRITTEN: "not written",
    AnnotationState.UNCLEAR: "look in Spectrum",
}
SEND_STEPS: Mapping[Step, str] = {
    Step.PLAN: "Plan",
    Step.HEADER: "Work order",
    Step.WRITE_BACK: "Number to ServiceTrade",
    Step.LINES: "Items",
    Step.ANNOTATE: "Note and documents",
    Step.REPORT: "Outcome to ServiceTrade",
    Step.EVIDENCE: "Check in Spectrum",
    Step.DONE: "Done",
}
_ATTEMPTS: Mapping[str, str] = {
    "unknown": "no clear answer",
    "notsent": "not sent",
    LineState.PLANNED.value: "not posted",
    LineState.IN_DOUBT.value: "no clear answer",
    LineState.REJECTED.value: "refused",
    LineState.NOT_POSTED.value: "not posted",
}
_REASON = re.compile(rf"({'|'.join((*UnknownReason, *NotSentReason))}): ")
_ACTIONS = {
    "tenant.first_steps_hidden": "First steps hidden",
    "tenant.first_steps_shown": "First steps shown again",
    "tenant.sign_in_tested": "Sign-in to ServiceTrade tested",
    "code.set": "Code set",
    "codes.refresh_requested": "Lists of codes read again",
    "codes.imported": "List of codes imported",
    "suggestions.searched": "Codes searched for",
    "suggestions.confirmed": "Suggested codes confirmed",
    "suggestion.left": "Record left without a code",
    "suggestion.taken_back": "Decision about a code taken back",
    "doubt.settled": "Checked in Spectrum",
    "encryption_key.rotated": "Encryption key changed",
    "webhook.switched_on": "ServiceTrade's webhook switched on",
    "webhook.switched_off": "ServiceTrade's webhook switched off",
    "recipient.added": "Notification recipient added",
    "recipient.changed": "Notification recipient changed",
    "recipient.chosen": "Own notifications chosen",
    "recipient.removed": "Notification recipient removed",
    "recipient.tested": "Test of a notification sent",
    "recipient.unsubscribed": "Notifications ended by the link in a mail",
    "person.link_made": "Sign-in link made",
    "send.done_by_hand": "Marked as done by hand",
    "annotation.settled": "Note or document checked in Spectrum",
    "items.declared": "Items in Spectrum entered",
    "reconciliation.started": "Completed jobs compared",
    "creation.requested": "New record confirmed",
    "creation.created": "New record made in Spectrum",
    "creation.rejected": "New record not made",
    "creation.in_doubt": "New record to check in Spectrum",
    "creation.cancelled": "New record cancelled",
    "creation.settled": "New record checked in Spectrum",
    "creation.code_kept": "Code of a new record kept",
    "creation.code_not_kept": "Code of a new record could not be kept",
    "restore.acknowledged": "Restored backup confirmed",
    "restore.found": "Restored backup found",
}
_SENT = {
    ItemsMode.NONE.value: "none",
    ItemsMode.NEW_ONLY.value: "only new ones",
    ItemsMode.DIFFERENCE.value: "the difference",
    ItemsMode.AGAIN.value: "all of them again",
}
ROLE_CANNOT: Mapping[Role, str] = {
    Role.VIEWER: "Viewers cannot do this.",
    Role.SENDER: "Senders cannot do this.",
    Role.ADMINISTRATOR: "Administrators cannot do this.",
    Role.OPERATOR: "Operators cannot do this.",
}
_OPEN_HOLD = "until somebody fixes the cause and resumes the connection"
_STEPS = {
    "maintenance": "Maintenance window",
    "servicetrade": "ServiceTrade",
    "dns": "Name (DNS)",
    "tls": "Encryption (TLS)",
    "token": "Sign-in (token)",
    "authorization": "Authorization ID",
    "read_items": "Reading items",
    "read_customers": "Reading customers",
    "permission": "Right to write",
}


def action_words(action: str) -> str:
    """What was done, such as `Send retried` for `send.retried`."""
    return _ACTIONS.get(action, action.replace("_", " ").replace(".", " ").capitalize())


def detail_words(value: str, name: str) -> str:
    """A detail of an entry of the audit by its name, such as `only new ones` for the items `new_only`."""
    return _SENT.get(value, value) if name in ("items", "tasks") else value


def attempt_words(outcome: str) -> str:
    """What became of an attempt, such as `no clear answer` for `in_doubt`."""
    return _ATTEMPTS.get(outcome, outcome)


def without_reason(detail: str) -> str:
    """What an attempt is stored to have met, without the reason's name before it, which is for programs."""
    return _REASON.sub("", detail, count=1) if _REASON.match(detail) else detail


def title(found: Finding) -> str:
    """The short title of a cause; of one that the catalogue does not know, its message."""
    entry = CATALOGUE.get(found.code)
    return entry.title if entry else found.message


def cause_title(code: str) -> str:
    """The short title of a cause by its code; of one that the catalogue does not know, the code."""
    entry = CATALOGUE.get(code)
    return entry.title if entry else code


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
    """`outcome` is the sentence that the send's own page shows. `why` is the short title of its cause, '' for none;
    `by` is who asked for it; `work_order` is the number of the work order that it has or may have written."""

    send: Send
    connection: str
    state: StateWords
    progress: Progress
    outcome: str
    why: str
    by: str
    work_order: str


_WRITTEN = (Mark.DONE, Mark.UNKNOWN, Mark.BY_HAND)
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


def send_row(send: Send, connection: str, progress: Progress) -> SendRow:
    told = send.cause
    if send.state is SendState.SENT_WITH_WARNINGS:
        told = next((found for found in send.findings if found.severity is Severity.WARNING), None)
    return SendRow(
        send,
        connection,
        STATES[send.state],
        progress,
        outcome_words(send, progress, connection),
        why=title(told) if told else "",
        by="the job's completion" if send.by_itself else send.requested_by,
        work_order=(send.work_order_number or "") if progress.work_order in _WRITTEN else "",
    )


def mark_rows(send: Send, progress: Progress, connection: str) -> Sequence[StateWords]:
    """The marks of a send: its work order, its items, its tasks, its number in ServiceTrade."""
    number = f"Work order {send.work_order_number}" if send.work_order_number else "Work order"
    items, tasks = progress.items, progress.tasks
    return (
        _mark(progress.work_order, f"{number} in {connection}"),
        *([StateWords(items_words(items), *_MARKS[items.mark][1:])] if items else ()),
        *([StateWords(items_words(tasks, "task"), *_MARKS[tasks.mark][1:])] if tasks else ()),
        _mark(progress.number, "Number in ServiceTrade"),
    )


_MARKS: Mapping[Mark, tuple[str, str, str]] = {
    Mark.DONE: ("", "good", "✓"),
    Mark.PENDING: (": not yet", "calm", "…"),
    Mark.UNKNOWN: (": not known", "alarm", "?"),
    Mark.MISSING: (": no", "alarm", "!"),
    Mark.BY_HAND: (": by hand", "good", "✓"),
}


def _mark(mark: Mark, text: str) -> StateWords:
    said, tone, sign = _MARKS[mark]
    return StateWords(text + said, tone, sign)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
