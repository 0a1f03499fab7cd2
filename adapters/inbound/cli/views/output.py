"""Output: data on stdout, messages on stderr. Text from elsewhere is never read as markup."""

from __future__ import annotations

import os
import sys
from collections.abc import Container, Iterable
from typing import Any, TextIO

from pydantic import BaseModel
from rich.console import Console
from rich.text import Text

from adapters.inbound.cli.views.fitting_table import FittingTable
from adapters.inbound.schema.schema_base import Page

_PIPED_WIDTH = 140


class _PlainConsole(Console):
    """Text from elsewhere moves no cursor and colours nothing: a blank stands for what cannot be printed."""

    def on_broken_pipe(self) -> None:
        """Raises BrokenPipeError: how a command ends is told in one place."""
        raise  # noqa: PLE0704 - rich calls this while it handles the error

    def print(self, *objects: Any, **options: Any) -> None:
        super().print(*map(_printable, objects), **options)


def _printable(shown: Any) -> Any:
    if isinstance(shown, str):
        return "".join(ch if ch.isprintable() or ch == "\n" else " " for ch in shown)
    if isinstance(shown, Text) and not shown.plain.isprintable():
        shown = shown.copy()
        shown.plain = _printable(shown.plain)
    return shown


def piped_width(stream: TextIO) -> int | None:
    """None where the terminal, or COLUMNS, says the width."""
    said = os.environ.get("COLUMNS", "")
    return None if stream.isatty() or (said.isdecimal() and int(said)) else _PIPED_WIDTH


data = _PlainConsole(highlight=False, width=piped_width(sys.stdout))
failures = _PlainConsole(stderr=True, highlight=False, width=piped_width(sys.stderr))
messages = _PlainConsole(stderr=True, highlight=False, width=piped_width(sys.stderr))


def document(content: BaseModel) -> None:
    """Print one JSON document on stdout, with the fields of the HTTP API. It is complete in every encoding."""
    escaped = not (sys.stdout.encoding or "").lower().startswith("utf")
    sys.stdout.write(content.model_dump_json(indent=2, ensure_ascii=escaped) + "\n")
    sys.stdout.flush()  # a program may wait for it while the command runs on


def document_list(items: Iterable[BaseModel], position: int | str | None = None) -> None:
    """Print a list as one JSON document. `position` is where the next page begins, if there is one."""
    document(Page(items=list(items), next=None if position is None else str(position)))


def say(text: str, *, label: str = "", style: str = "") -> None:
    """Print one message on stderr, after a label such as `Next:` in its own style. Nothing with --quiet."""
    messages.print(_labelled(text, label, style))


def tell_failure(text: str, *, label: str = "Failed:", style: str = "bold red") -> None:
    """Print what failed, or what to do about it, on stderr, also with --quiet."""
    failures.print(_labelled(text, label, style))


def _labelled(text: str, label: str, style: str) -> Text:
    return Text.assemble((f"{label} " if label else "", style), text)


def table(columns: Iterable[str], rows: Iterable[Iterable[str | Text]], *, whole: Container[str] = ()) -> FittingTable:
    """A table that wraps long values instead of cutting them; `whole` columns never wrap. It fits the terminal."""
    made = FittingTable()
    for name in columns:
        made.add_column(name, overflow="fold", no_wrap=name in whole)
    for row in rows:
        made.add_row(*(_printable(cell if isinstance(cell, Text) else Text(cell)) for cell in row))
    return made
