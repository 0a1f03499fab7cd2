"""`jobferry plugins new` and `jobferry plugins check`: for plugin authors, so they need no installation."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from adapters.bootstrap.installation import installation_of
from adapters.inbound.cli.commands.plugins import Config, plugins
from adapters.inbound.cli.endings import ExitCode
from adapters.inbound.cli.options import Json
from adapters.inbound.cli.views.check_view import failed, print_checks, tell_result
from adapters.inbound.cli.views.output import document, say
from adapters.inbound.schema.connections import ExaminationOut
from core.model.shared.check_step import CheckState
from core.model.shared.errors import NotFound

if TYPE_CHECKING:
    from plugins.discovery import Source


@plugins.command()
def new(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Lower-case letters, digits and underscores.")],
) -> None:
    """Create the files of a new plugin: code, a test, a sample job."""
    from plugins.testkit.new_plugin import new_plugin

    folder = installation_of(ctx).settings.plugins_folder
    files = list(new_plugin(name, folder))
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        file.path.write_bytes(file.content)
        typer.echo(file.path)
    for step in (
        f"pytest {folder}",
        f"jobferry plugins check {files[0].path}",
        f"jobferry plugins rehearse {name} --tenant T --connection C",
        f"jobferry plugins use {name} --tenant T --connection C",
    ):
        say(step, label="Next:", style="bold")


@plugins.command()
def check(
    ctx: typer.Context,
    plugin: Annotated[str, typer.Argument(metavar="PLUGIN", help="A file, or the name of an entry point.")],
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Test a plugin on made-up jobs before a connection uses it.

    Checks that it loads, imports only allowed modules, does not change its arguments, accepts missing fields, gives
    the same answer twice, answers in time, and returns numbers that fit.
    """
    from plugins.testkit.check import check_plugin

    installation = installation_of(ctx)
    installation.start_log("error")
    steps = asyncio.run(check_plugin(_source(plugin, installation.settings.plugins_folder), config or {}))
    if as_json:
        document(ExaminationOut.of(plugin, steps))
    else:
        print_checks("Check", steps)
        tell_result(bad=failed(steps), not_known=any(one.state is CheckState.UNKNOWN for one in steps))
    if failed(steps):
        raise typer.Exit(ExitCode.FAILED)


def _source(plugin: str, folder: Path) -> Source:
    """Raises NotFound (PLUGIN_NOT_FOUND)."""
    from plugins.discovery import Source, sources

    file = Path(plugin)
    if file.is_file():
        return Source(str(file), f"file:{file.resolve()}")
    for source in sources(folder):
        if source.load == f"file:{(folder / plugin).with_suffix('.py').resolve()}" or source.entry == plugin:
            return source
    raise NotFound(
        f"{plugin} is neither a file nor an entry point, and {folder} holds no {plugin}.py.",
        code="PLUGIN_NOT_FOUND",
        fix="Name the plugin's file, such as jobferry_plugins/west.py.",
    )
