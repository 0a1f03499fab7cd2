"""The steps of an examination as a table: what was checked, its result, and the fix if it failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.text import Text

from adapters.inbound.cli.views.output import data, say, table
from adapters.inbound.schema.wording import COMMANDS, SETTINGS
from core.model.connections.connection_state import failed_steps
from core.model.shared.check_step import CheckState, CheckStep

_MARKS: Mapping[CheckState, tuple[str, str]] = {
    CheckState.OK: ("ok", "green"),
    CheckState.FAILED: ("FAILED", "bold red"),
    CheckState.UNKNOWN: ("not known", "yellow"),
    CheckState.SKIPPED: ("skipped", "dim"),
}


def failed(steps: Sequence[CheckStep]) -> bool:
    return bool(failed_steps(steps))


def print_checks(title: str, steps: Sequence[CheckStep]) -> None:
    """Step, mark, and the detail followed by the numbered steps of its fix."""
    rows = ((step.name, Text(*_MARKS[step.state]), _told(step)) for step in steps)
    data.print(table((title, "", "What was seen"), rows))


def tell_result(*, bad: bool, not_known: bool = False) -> None:
    if bad:
        say("Something failed; the lines above say what to do.")
    else:
        say("Nothing failed; what is not known was not checked." if not_known else "All is well.")


def _told(step: CheckStep) -> Text:
    text = Text(step.detail)
    for number, fix in enumerate(step.fix, start=1):
        text.append(f"\n{number}. {fix}")
    if step.code and step.code in COMMANDS:
        text.append(f"\nCommand: {COMMANDS[step.code]}")
    if step.code and step.state is CheckState.FAILED:
        if step.code in SETTINGS:
            text.append(f"\nSetting: {SETTINGS[step.code]}")
        text.append(f"\nCode: {step.code}", "dim")
    return text
