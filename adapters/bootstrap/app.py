"""All commands of this installation as one app."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adapters.inbound.cli.command_line import GROUPS, command_line
from adapters.inbound.cli.deferred import Deferred

_COMMANDS = "adapters.bootstrap.commands"
_OF_AN_INSTALLATION = (
    Deferred("openapi", f"{_COMMANDS}.openapi:openapi", "Print the OpenAPI document of the HTTP API."),
    Deferred("demo", f"{_COMMANDS}.demo:demo", "Show Jobferry on simulated systems."),
    Deferred("init", f"{_COMMANDS}.init:init", "Set up this installation, or bring it up to date."),
    Deferred("serve", f"{_COMMANDS}.serve:serve", "Serve the API and the console until Ctrl-C or SIGTERM."),
    Deferred("worker", f"{_COMMANDS}.serve:worker", "Carry out sends until Ctrl-C or SIGTERM."),
    Deferred("doctor", f"{_COMMANDS}.doctor:doctor", "Check the installation and its connections."),
)
_MORE = (
    Deferred("backup", f"{_COMMANDS}.backup:backup", "Write the database to a file, while everything runs."),
    Deferred("restore", f"{_COMMANDS}.backup:restore", "Restore a backup, and compare what was sent since."),
    Deferred("plugins", f"{_COMMANDS}.authoring:plugins", "Rules that connections may use."),
    Deferred("secrets", f"{_COMMANDS}.secrets:secrets", "The key that encrypts stored passwords."),
    Deferred("sandbox", f"{_COMMANDS}.sandbox:sandbox", "A simulated ServiceTrade or Spectrum on this machine."),
)


def _show_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version  # noqa: PLC0415 - nothing else needs it

        typer.echo(f"jobferry {version('jobferry')}")
        raise typer.Exit


def jobferry() -> typer.Typer:
    """All commands as one app. Of two commands with one name the later stands in the place of the earlier."""
    return command_line({one.name: one for one in (*_OF_AN_INSTALLATION, *GROUPS, *_MORE)}.values(), root)


def root(
    ctx: typer.Context,
    data_dir: Annotated[
        Path | None, typer.Option(help="Folder of the embedded database and the encryption key.")
    ] = None,
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Settings file instead of ./jobferry.toml.")
    ] = None,
    log_level: Annotated[str | None, typer.Option(help="debug, info, warning or error.")] = None,
    log_format: Annotated[
        str | None, typer.Option(help="text or json. The default is text on a terminal, else json.")
    ] = None,
    plugins_dir: Annotated[Path | None, typer.Option("--plugins-dir", help="Folder with single-file plugins.")] = None,
    no_plugins: Annotated[bool, typer.Option("--no-plugins", help="Load only the built-in plugins.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print only results and failures.")] = False,
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Carry ServiceTrade jobs across to Spectrum as work orders.

    New here? `jobferry demo` shows Jobferry on simulated systems and touches nothing outside this machine.
    """
    if quiet:
        from adapters.inbound.cli.views.output import messages  # noqa: PLC0415

        messages.quiet = True
    from adapters.bootstrap.installation import Installation  # noqa: PLC0415 - help and completion do not need it
    from adapters.bootstrap.log import configure_log  # noqa: PLC0415

    configure_log("error")  # until the command knows its settings
    ctx.obj = Installation(
        {
            "data_dir": data_dir,
            "log_level": log_level,
            "log_format": log_format,
            "plugins_dir": plugins_dir,
            "no_plugins": no_plugins or None,
        },
        config,
    )
