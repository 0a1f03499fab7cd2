"""States, owners and origins in the words that an office uses."""

from __future__ import annotations

from collections.abc import Mapping

from rich.text import Text

from adapters.inbound.schema.wording import COMMANDS
from adapters.inbound.schema.wording import moment_words as moment
from adapters.inbound.schema.wording import origin_words as origin
from adapters.inbound.schema.wording import outcome_words as outcome
from core.model.sending.failure_comment import OWNER_WORDS
from core.model.sending.send import SendState
from core.model.shared.finding import Finding, Retry, Severity

__all__ = ["STATE_STYLE", "finding", "moment", "origin", "outcome", "state"]

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


def state(state: SendState) -> Text:
    return Text(state.value.replace("_", " "), STATE_STYLE.get(state, ""))


def finding(found: Finding) -> Text:
    """A finding as a paragraph: the message, its cause, the numbered steps, and who can take them."""
    text = Text()
    passing = found.blocks and found.retry is Retry.BACKOFF
    label, style = ("Holds up the send", "yellow") if passing else _SEVERITY_LABELS[found.severity]
    text.append(f"{label}: ", style)
    text.append(found.message)
    if found.cause:
        text.append(f"\n  Why: {found.cause}")
    for number, step in enumerate(found.fix, start=1):
        text.append(f"\n  {number}. {step}")
    if found.code in COMMANDS:
        text.append(f"\n  Command: {COMMANDS[found.code]}")
    text.append(f"\n  Who can do this: {OWNER_WORDS[found.owner]}. Code: {found.code}", "dim")
    return text
