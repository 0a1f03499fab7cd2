"""The JSON document of a command, declared beside it: its option, docs/commands.md and the tests are made from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import BaseModel

_Command = TypeVar("_Command", bound=Callable[..., Any])


def answers(*documents: type[BaseModel]) -> Callable[[_Command], _Command]:
    """The command prints this document, or one of these, with `--json`, and nothing else on stdout."""

    def declare(command: _Command) -> _Command:
        command.answers = documents  # type: ignore[attr-defined]
        return command

    return declare


def answers_of(command: Callable[..., Any]) -> tuple[type[BaseModel], ...]:
    """The declared documents, none for a command that tells programs nothing."""
    return getattr(command, "answers", ())
