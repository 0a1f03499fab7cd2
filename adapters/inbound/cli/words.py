"""States, owners and origins in the words of an office, for people who have never seen the code."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from rich.text import Text

from core.model.cost_line import ItemsMode
from core.model.failure_comment import OWNER_WORDS
from core.model.finding import Finding, Retry, Severity
from core.model.origin import Origin
from core.model.send import Send, SendState

STATE_STYLE: Mapping[SendState, str] = {
    SendState.SENT: "green",
    SendState.SENT_WITH_WARNINGS: "green",
    SendState.DONE_BY_HAND: "green",
    SendState.RETRYING: "yellow",
    SendState.IN_DOUBT: "yellow",
    SendState.NEEDS_ATTENTION: "bold red",
}
_SEVERITY_LABELS: Mapping[Severity, tuple[str, str]] = {
    Severity.BLOCKER: ("Stops the send", "bold red"),
    Severity.WARNING: ("Warning", "yellow"),
    Severity.INFO: ("Note", "cyan"),
}


_BUILT_IN = frozenset({"core", "leading_character", "field_mapping", "item_kinds", "length_policy"})


def state(state: SendState) -> Text:
    return Text(state.value.replace("_", " "), STATE_STYLE.get(state, ""))


def moment(at: datetime | None) -> str:
    """UTC to the second, '' for never."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S") if at else ""


def origin(origin: Origin) -> str:
    """Where a value comes from, and the plugin that put it there unless it is one of the built-in rules."""
    group, _, name = origin.source.partition(".")
    said = origin.reason or (f"the connection's {name.replace('_', ' ')}" if group == "setting" else origin.source)
    return said if origin.rule in _BUILT_IN else f"{said} (plugin {origin.rule} {origin.version}".rstrip() + ")"


def finding(found: Finding) -> Text:
    """A finding as a paragraph: what it is, why, numbered steps, and who can take them."""
    text = Text()
    passing = found.blocks and found.retry is Retry.BACKOFF
    label, style = ("Holds up the send", "yellow") if passing else _SEVERITY_LABELS[found.severity]
    text.append(f"{label}: ", style)
    text.append(found.message)
    if found.cause:
        text.append(f"\n  Why: {found.cause}")
    for number, step in enumerate(found.fix, start=1):
        text.append(f"\n  {number}. {step}")
    text.append(f"\n  Who can do this: {OWNER_WORDS[found.owner]}. Code: {found.code}", "dim")
    return text


def outcome(send: Send, connection_name: str) -> str:
    """What became of a send, as one sentence."""
    number = f"Work order {send.work_order_number}" if send.work_order_number else "The work order"
    match send.state:
        case SendState.SENT:
            return f"{number} stands in {connection_name}, and its number on the job in ServiceTrade."
        case SendState.SENT_WITH_WARNINGS:
            return f"{number} stands in {connection_name}; look at the warnings below."
        case SendState.NEEDS_ATTENTION:
            job = send.job_number or send.job_id
            if send.items is not ItemsMode.NONE and send.plan and send.plan.sendable:
                return f"Job {job} went to {connection_name} only in part, or not at all. Somebody has to look at it."
            return f"Job {job} was not sent to {connection_name}. Somebody has to look at it."
        case SendState.RETRYING:
            return f"Not sent yet. Jobferry tries again by itself at {moment(send.due_at)} UTC."
        case SendState.QUEUED | SendState.SENDING:
            return "Still under way; a worker goes on with it."
        case SendState.IN_DOUBT:
            return f"{number} stands in {connection_name}; whether all of its lines do, somebody has to look up."
        case SendState.SUPERSEDED:
            return "A newer send of the same job has taken its place."
        case SendState.CANCELLED:
            return "Cancelled; nothing was sent."
        case SendState.DONE_BY_HAND:
            return "Done by hand."
