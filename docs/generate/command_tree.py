"""All commands of the installed app, as typer runs them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

from typer.main import get_command

from adapters.bootstrap.app import jobferry
from adapters.inbound.cli.deferred import Deferred

ROOT: Any = get_command(jobferry())


def every_command(group: Any = ROOT, *path: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The words of each command after `jobferry`, and the command; a group is none."""
    for name, command in group.commands.items():
        loaded = command.load() if isinstance(command, Deferred) else command
        if hasattr(loaded, "commands"):
            yield from every_command(loaded, *path, name)
        else:
            yield (*path, name), loaded


def example_of(command: Any) -> str:
    """The example at the end of the help, as it is typed; '' if there is none."""
    _, found, example = inspect.cleandoc(command.help or "").partition("\b\nExample:\n")
    return re.sub(r"\\\n\s*", "", example).strip() if found else ""


def parsed(arguments: list[str]) -> Any:
    """The context of the command that these arguments of `jobferry` call. Nothing runs. Raises what typer raises."""
    context = ROOT.make_context("jobferry", arguments)
    while hasattr(context.command, "commands"):
        rest = [*context._protected_args, *context.args]
        name, command, rest = context.command.resolve_command(context, rest)
        context = command.make_context(name, rest, parent=context)
    return context
