"""Commands that are imported when they are used, so that help and completion need none of them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group


class Deferred(TyperCommand):
    """The name and the help of a command or a group. `where` is its place, as "module:attribute"."""

    def __init__(self, name: str, where: str, help: str) -> None:
        super().__init__(name, help=help, rich_markup_mode=None)
        self.where = where

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """Called after the root's own options are read, so a command that cannot be imported fails like any other."""
        return self.load().make_context(info_name, args, parent=parent, **extra)

    def load(self) -> Any:
        """Import the command, and return it as typer runs it."""
        module, _, attribute = self.where.partition(":")
        found = getattr(import_module(module), attribute)
        if isinstance(found, typer.Typer):
            return get_group(found)
        alone = typer.Typer(add_completion=False, rich_markup_mode=None)
        alone.command(self.name)(found)
        return get_command(alone)


class FileOrCommand(TyperGroup):
    """Runs its hidden command `file` for a word that is no command: `restore show`, but also `restore FILE`."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        alone = self.commands.get("file")
        if alone and args[0] not in self.commands:
            return alone.name, alone, args
        return super().resolve_command(ctx, args)


class Commands(TyperGroup):
    """The root group. It handles every error that a command raises, so that no command has to."""

    deferred: Sequence[Deferred] = ()

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        for one in self.deferred:
            self.add_command(one)

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        with _told():
            return super().make_context(info_name, args, parent=parent, **extra)

    def invoke(self, ctx: Any) -> Any:
        with _told():
            return super().invoke(ctx)


@contextmanager
def _told() -> Iterator[None]:
    """Whatever ends the block is told, and becomes an exit code. Output that cannot be written is a failure, too."""
    try:
        try:
            yield
        except typer.Exit:
            sys.stdout.flush()
            raise
        sys.stdout.flush()
    except (typer.Exit, SystemExit, GeneratorExit):
        raise
    except BaseException as error:
        from adapters.inbound.cli.endings import end  # noqa: PLC0415 - only a failed command needs it

        raise typer.Exit(end(error)) from error
