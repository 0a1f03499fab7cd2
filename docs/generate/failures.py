"""Writes docs/failures.md from the catalogue: `python -m docs.generate.failures`, from the project's root."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from adapters.inbound.schema.wording import COMMANDS
from core.model.catalogue import THEMES, Entry
from core.model.catalogue.entry import SEND_AGAIN
from core.model.sending.failure_comment import OWNER_WORDS
from core.model.shared.advice import Door, Outcome
from core.model.shared.finding import Retry

PAGE = Path(__file__).parents[1] / "failures.md"

_INTRO = """\
# Failures and their fixes

Every failure that Jobferry shows carries one of these codes. Codes never change once released, so you can search for
them, link to them and count them. This page is generated from the catalogue in the code
(`python -m docs.generate.failures`); edit it there.

The steps are those of the usual case, for somebody who may do everything. The console, the API and the command line
show those that are true at the moment (in the preview, while Jobferry tries again, after it stopped, as a warning), and
tell a reader who may not do a step whom to ask ([decision 57](decisions/0057-advice-fits-the-moment.md)).

*In the preview* means: Jobferry finds it before anything is sent, the preview shows it, and the send stops there.
*Trying again* is about the work order. A material or other charge with an unclear answer is never repeated
automatically.
"""

_RETRY_WORDS = {
    Retry.NO: "does not help; the cause has to be fixed first",
    Retry.AFTER_FIX: "once it is fixed",
    Retry.BACKOFF: "Jobferry does it by itself, after longer and longer pauses",
    Retry.VERIFY_FIRST: "only after somebody has looked in Spectrum",
}


_MOMENTS = {
    Outcome.GAVE_UP: "Once Jobferry has stopped trying",
    Outcome.WARNED: "If it is only a warning of a send that was carried out",
    Outcome.REFUSED: "If a page or a call could not do its work because of it",
}


def _differs(entry: Entry, moment: Outcome, step: str) -> bool:
    """Whether the step is only for this moment, and not the usual end of every entry."""
    usual_ends = {one.told(Door.COMMAND_LINE) for one in SEND_AGAIN}
    return step not in entry.fix and (moment is Outcome.GAVE_UP or step not in usual_ends)


def failures_page() -> str:
    """The whole page: a list of all codes, then one section a code with its anchor."""
    contents = [line for theme, entries in THEMES.items() for line in _contents(theme, entries)]
    sections = [line for theme, entries in THEMES.items() for line in _theme(theme, entries)]
    return "\n".join([_INTRO, *contents, *sections])


def _contents(theme: str, entries: tuple[Entry, ...]) -> Iterator[str]:
    yield f"**{theme}**\n"
    yield from (f"- [{entry.code}](#{entry.code}): {entry.title}" for entry in entries)
    yield ""


def _theme(theme: str, entries: tuple[Entry, ...]) -> Iterator[str]:
    yield f"## {theme}\n"
    for entry in entries:
        yield from _section(entry)


def _section(entry: Entry) -> Iterator[str]:
    yield f'<a id="{entry.code}"></a>\n'
    yield f"### {entry.code}: {entry.title}\n"
    yield f"{entry.cause}\n"
    yield from (f"{step}. {text}" for step, text in enumerate(entry.fix, start=1))
    yield ""
    for moment, words in _MOMENTS.items():
        if others := [step for step in entry.steps(moment, Door.COMMAND_LINE) if _differs(entry, moment, step)]:
            yield f"- {words}: {' '.join(others)}"
    if entry.code in COMMANDS:
        yield f"- Command: `{COMMANDS[entry.code].replace(', then ', '`, then `')}`"
    yield f"- Who can do this: {OWNER_WORDS[entry.owner]}"
    yield f"- Trying again: {_RETRY_WORDS[entry.retry]}"
    if entry.pre:
        yield "- In the preview: yes"
    yield ""


if __name__ == "__main__":
    PAGE.write_text(failures_page(), encoding="utf-8")
