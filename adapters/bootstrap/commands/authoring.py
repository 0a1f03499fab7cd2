"""`jobferry plugins list`, `show`, `new` and `check`: for authors of plugins, so they need no database."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from rich.text import Text

from adapters.bootstrap.installation import installation_of
from adapters.inbound.cli.answers import answers
from adapters.inbound.cli.commands.plugins import Config, plugins
from adapters.inbound.cli.endings import ExitCode
from adapters.inbound.cli.options import Json
from adapters.inbound.cli.views.check_view import failed, print_checks, tell_result
from adapters.inbound.cli.views.output import data, document, document_list, say, table
from adapters.inbound.schema.connections import ExaminationOut
from adapters.inbound.schema.plugins import PluginOut, PluginSchemaOut
from adapters.inbound.schema.schema_base import Output, Page
from core.model.shared.check_step import CheckState
from core.model.shared.errors import NotFound
from core.services.plugins.check_plugins import find_plugin
from ports.rules import Rules

if TYPE_CHECKING:
    from plugins.discovery import Source

_Seen = TypeVar("_Seen")


@plugins.command("list")
@answers(Page[PluginOut])
def list_(ctx: typer.Context, as_json: Json = False) -> None:
    """List installed plugins, and those that failed to load.

    A few built-in rules always run. Any other plugin runs only on connections that use it.

    \b
    Example:
      jobferry plugins list
    """
    found, problems = _look(ctx, lambda rules: (rules.installed(), rules.problems()))
    if as_json:
        document_list(map(PluginOut.of, found))
    else:
        rows: list[list[str | Text]] = [
            [card.name, card.version, card.summary, "always runs" if card.always_runs else card.source]
            for card in found
        ]
        data.print(table(("Plugin", "Version", "What it does", "From"), rows, whole=("Plugin",)))
        for card in found:
            for note in card.notes:
                say(f"{card.name}: {note}", label="Note:", style="yellow")
    for problem in problems:
        say(f"{problem.source} cannot be used. {problem.message}")
        say(problem.fix, label="To do:", style="bold")


@plugins.command()
@answers(PluginSchemaOut)
def show(
    ctx: typer.Context,
    plugin: Annotated[str, typer.Argument(metavar="PLUGIN", help="Its name; see `jobferry plugins list`.")],
    as_json: Json = False,
) -> None:
    """Show a plugin, its hooks and its settings.

    With --json the settings are a JSON Schema.

    \b
    Example:
      jobferry plugins show leading_character
    """
    card = _look(ctx, lambda rules: find_plugin(rules, plugin))
    if as_json:
        document(PluginSchemaOut.of(card))
        return
    say(f"{card.name} {card.version}: {card.summary}")
    say(", ".join(card.hooks), label="Hooks:", style="bold")
    settings = (card.schema or {}).get("properties", {})
    if not settings:
        say("It takes no configuration.")
        return
    required = (card.schema or {}).get("required", [])
    rows = [
        (name, "needed" if name in required else json.dumps(about.get("default")), str(about.get("description", "")))
        for name, about in settings.items()
    ]
    data.print(table(("Setting", "Default", "What it is"), rows, whole=("Setting",)))


class NewPluginOut(Output):
    """`files`: the paths of what was created."""

    name: str
    files: list[str]


@plugins.command()
@answers(NewPluginOut)
def new(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Lower-case letters, digits and underscores.")],
    package: Annotated[bool, typer.Option("--package", help="Make a Python package with its own repository.")] = False,
    as_json: Json = False,
) -> None:
    """Create the files of a new plugin: code, a test, a sample job.

    They stand in the plugins folder, or with --package in a new folder that is a repository of its own.

    \b
    Example:
      jobferry plugins new west --package
    """
    from plugins.testkit.new import new_package, new_plugin

    folder = Path() if package else installation_of(ctx).settings.plugins_folder
    files = list(new_package(name, folder) if package else new_plugin(name, folder))
    for file in files:
        file.path.parent.mkdir(parents=True, exist_ok=True)
        file.path.write_bytes(file.content)
        if not as_json:
            typer.echo(file.path)
    if as_json:
        document(NewPluginOut(name=name, files=[str(file.path) for file in files]))
    trying: tuple[str, ...] = (f"python -m pytest {folder}", f"jobferry plugins check {files[0].path}")
    if package:
        root = files[0].path.parent
        trying = (
            f"cd {root}; python -m pip install --editable '.[test]'",
            "python -m pytest",
            f"jobferry plugins check {name} --sample tests/{name}_job.json",
        )
    for step in (
        *trying,
        f"jobferry plugins rehearse {name} --tenant T --connection C",
        f"jobferry plugins use {name} --tenant T --connection C",
    ):
        say(step, label="Next:", style="bold")


@plugins.command()
@answers(ExaminationOut)
def check(
    ctx: typer.Context,
    plugin: Annotated[str, typer.Argument(metavar="PLUGIN", help="A file, or the name of an entry point.")],
    config: Config = None,
    sample: Annotated[
        list[Path] | None,
        typer.Option("--sample", metavar="FILE", help="Try this sample job too; may be repeated."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Test a plugin on made-up jobs before a connection uses it.

    Checks that it loads, imports only allowed modules, does not change its arguments, accepts missing fields, gives
    the same answer twice, answers in time, and returns numbers that fit.

    \b
    Example:
      jobferry plugins check jobferry_plugins/west.py
    """
    from plugins.testkit.check import check_plugin

    installation = installation_of(ctx)
    installation.start_log("error")
    settings = installation.settings
    source = _source(plugin, settings.plugins_folder)
    steps = asyncio.run(check_plugin(source, config or {}, sample or (), hidden=settings.private_paths))
    if as_json:
        document(ExaminationOut.of(plugin, steps))
    else:
        print_checks("Check", steps)
        tell_result(bad=failed(steps), not_known=any(one.state is CheckState.UNKNOWN for one in steps))
    if failed(steps):
        raise typer.Exit(ExitCode.FAILED)


def _look(ctx: typer.Context, at: Callable[[Rules], _Seen]) -> _Seen:
    """Start the plugins, look, and end them."""
    from adapters.bootstrap.rules import open_rules

    installation = installation_of(ctx)
    installation.start_log("error")

    async def looked() -> _Seen:
        async with open_rules(installation.settings) as rules:
            return at(rules)

    return asyncio.run(looked())


def _source(plugin: str, folder: Path) -> Source:
    """Raises NotFound (PLUGIN_NOT_FOUND)."""
    from plugins.discovery import Source, sources

    file = Path(plugin)
    if file.is_file() and file.suffix == ".py":
        return Source(str(file), f"file:{file.resolve()}")
    for source in sources(folder):
        if source.load == f"file:{(folder / plugin).with_suffix('.py').resolve()}" or source.entry == plugin:
            return source
    raise NotFound(
        f"{plugin} is neither a Python file nor an installed entry point, and {folder} holds no such plugin.",
        code="PLUGIN_NOT_FOUND",
        fix="Name the plugin's file, such as jobferry_plugins/west.py. For a package, a folder or a wheel: install it "
        "with pip, then name its entry point.",
    )
