"""The command `jobferry`."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from adapters.bootstrap.commands import authoring
from adapters.bootstrap.commands.doctor import doctor
from adapters.bootstrap.commands.init import init
from adapters.bootstrap.commands.sandbox import sandbox
from adapters.bootstrap.commands.secrets import secrets
from adapters.bootstrap.commands.serve import serve, worker
from adapters.bootstrap.demo.command import demo
from adapters.bootstrap.installation import Installation
from adapters.bootstrap.log import configure_log
from adapters.inbound.api.openapi import openapi_document
from adapters.inbound.cli.command_line import command_line


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"jobferry {version('jobferry')}")
        raise typer.Exit


def main() -> None:
    """The entry point of the installed command."""
    jobferry()()


def jobferry() -> typer.Typer:
    """All commands as one app."""
    app = command_line(openapi_document)
    app.callback()(root)
    app.command()(demo)
    app.command()(init)
    app.command()(serve)
    app.command()(worker)
    app.command()(doctor)
    app.add_typer(secrets)
    authoring.add_to_plugins()
    app.add_typer(sandbox)
    return app


def root(
    ctx: typer.Context,
    data_dir: Annotated[
        Path | None, typer.Option(help="Folder of the embedded database and the encryption key.")
    ] = None,
    log_level: Annotated[str | None, typer.Option(help="debug, info, warning or error.")] = None,
    plugins_dir: Annotated[Path | None, typer.Option("--plugins-dir", help="Folder with single-file plugins.")] = None,
    no_plugins: Annotated[bool, typer.Option("--no-plugins", help="Load only the built-in plugins.")] = False,
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Carry ServiceTrade jobs across to Spectrum as work orders.

    New here? `jobferry demo` shows Jobferry on simulated systems and touches nothing outside this machine.
    """
    configure_log("error")  # until the command knows its settings
    ctx.obj = Installation(
        {"data_dir": data_dir, "log_level": log_level, "plugins_dir": plugins_dir, "no_plugins": no_plugins or None}
    )


if __name__ == "__main__":
    main()
