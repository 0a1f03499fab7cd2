"""All commands that need only the use cases, as one app; bootstrap adds the others."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import typer

from adapters.inbound.cli.commands.aliases import aliases
from adapters.inbound.cli.commands.audit import audit
from adapters.inbound.cli.commands.connections import connections
from adapters.inbound.cli.commands.doubts import doubts
from adapters.inbound.cli.commands.jobs import jobs
from adapters.inbound.cli.commands.keys import keys
from adapters.inbound.cli.commands.people import people
from adapters.inbound.cli.commands.plugins import plugins
from adapters.inbound.cli.commands.restore import restore
from adapters.inbound.cli.commands.sends import sends
from adapters.inbound.cli.commands.tenants import tenants
from adapters.inbound.cli.commands.warnings import warnings
from adapters.inbound.cli.commands.webhook_endpoints import webhook_endpoints
from adapters.inbound.cli.endings import Commands

_GROUPS = (
    jobs,
    sends,
    doubts,
    restore,
    warnings,
    tenants,
    connections,
    keys,
    people,
    aliases,
    webhook_endpoints,
    plugins,
    audit,
)
"""In the order of the help."""


def command_line(openapi_document: Callable[[], Any]) -> typer.Typer:
    """The app. `ctx.obj` must hold an `Installation` before a command runs. `openapi_document` makes that document."""
    app = typer.Typer(
        rich_markup_mode=None,  # typer's framed help cuts off long option names at 80 columns
        name="jobferry",
        cls=Commands,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    for one in _GROUPS:
        app.add_typer(one)

    @app.command()
    def openapi() -> None:
        """Print the OpenAPI document of the HTTP API."""
        typer.echo(json.dumps(openapi_document(), indent=1))

    return app
