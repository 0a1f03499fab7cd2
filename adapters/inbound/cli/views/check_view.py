"""The steps of an examination as table rows: what was checked, its result, and the fix if it failed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.text import Text

from adapters.inbound.schema.remedies import COMMANDS
from core.model.sending.answer import CheckState, CheckStep

_MARKS: Mapping[CheckState, tuple[str, str]] = {
    CheckState.OK: ("ok", "green"),
    CheckState.FAILED: ("FAILED", "bold red"),
    CheckState.UNKNOWN: ("not known", "yellow"),
    CheckState.SKIPPED: ("skipped", "dim"),
}


def failed(steps: Sequence[CheckStep]) -> bool:
    return any(step.state is CheckState.FAILED for step in steps)


def check_rows(steps: Sequence[CheckStep]) -> Iterator[list[str | Text]]:
    """Step, mark, and the detail followed by the numbered steps of its fix."""
    for step in steps:
        mark, style = _MARKS[step.state]
        yield [step.name, Text(mark, style), _told(step)]


def _told(step: CheckStep) -> Text:
    text = Text(step.detail)
    for number, fix in enumerate(step.fix, start=1):
        text.append(f"\n{number}. {fix}")
    if step.code and step.code in COMMANDS:
        text.append(f"\nCommand: {COMMANDS[step.code]}")
    if step.code and step.state is CheckState.FAILED:
        text.append(f"\nCode: {step.code}", "dim")
    return text
