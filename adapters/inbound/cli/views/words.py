"""States, owners and origins in the words that an office uses."""

from __future__ import annotations

from collections.abc import Mapping

from rich.text import Text

from adapters.inbound.schema.wording import COMMANDS
from adapters.inbound.schema.wording import moment_words as moment
from adapters.inbound.schema.wording import origin_words as origin
from core.model.catalogue import advice_for
from core.model.sending.failure_comment import OWNER_WORDS
from core.model.sending.outcome_words import items_words
from core.model.sending.progress import Mark, Progress
from core.model.sending.send import SendState
from core.model.shared.advice import Door, Outcome
from core.model.shared.finding import Finding, Retry, Severity

__all__ = ["MARKS", "STATE_STYLE", "finding", "marks", "moment", "origin", "state"]

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


MARKS: Mapping[Mark, str] = {
    Mark.DONE: "yes",
    Mark.PENDING: "not yet",
    Mark.UNKNOWN: "not known",
    Mark.MISSING: "no",
    Mark.BY_HAND: "by hand",
}
"""Whether something is done, in a word."""


def marks(progress: Progress) -> str:
    """What is in both systems, such as `in Spectrum: yes; items: 2 of 3 items; number on the job: no`."""
    items = items_words(progress.items) if progress.items else "none"
    tasks = f"; tasks: {items_words(progress.tasks, 'task')}" if progress.tasks else ""
    in_spectrum = MARKS[progress.work_order]
    return f"in Spectrum: {in_spectrum}; items: {items}{tasks}; number on the job: {MARKS[progress.number]}"


def state(state: SendState) -> Text:
    return Text(state.value.replace("_", " "), STATE_STYLE.get(state, ""))


def finding(found: Finding, outcome: Outcome | None = None) -> Text:
    """A finding as a paragraph: the message, its cause, the numbered steps, and who can take them. `outcome` is what
    became of its send; None for what it usually is."""
    steps = advice_for(found, outcome, Door.COMMAND_LINE) if outcome else found.fix
    text = Text()
    passing = found.blocks and found.retry is Retry.BACKOFF
    label, style = ("Holds up the send", "yellow") if passing else _SEVERITY_LABELS[found.severity]
    text.append(f"{label}: ", style)
    text.append(found.message)
    if found.cause:
        text.append(f"\n  Why: {found.cause}")
    for number, step in enumerate(steps, start=1):
        text.append(f"\n  {number}. {step}")
    if found.code in COMMANDS:
        text.append(f"\n  Command: {COMMANDS[found.code]}")
    text.append(f"\n  Who can do this: {OWNER_WORDS[found.owner]}. Code: {found.code}", "dim")
    return text
