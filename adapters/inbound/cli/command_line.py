"""All commands that use handed-in use cases, as one app; bootstrap adds those that start things."""

from __future__ import annotations

import typer

from adapters.inbound.cli.audit import audit
from adapters.inbound.cli.connections import connections
from adapters.inbound.cli.doubts import doubts
from adapters.inbound.cli.endings import Commands
from adapters.inbound.cli.jobs import jobs
from adapters.inbound.cli.sends import sends
from adapters.inbound.cli.tenants import tenants
from adapters.inbound.cli.warnings import warnings

DAILY, SETUP = "The daily work", "Set up"


def command_line() -> typer.Typer:
    """`ctx.obj` must hold an `Installation` before a command runs."""
    app = typer.Typer(
        name="jobferry", cls=Commands, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
    )
    app.add_typer(jobs, name="jobs", rich_help_panel=DAILY)
    app.add_typer(sends, name="sends", rich_help_panel=DAILY)
    app.add_typer(doubts, name="doubts", rich_help_panel=DAILY)
    app.add_typer(warnings, name="warnings", rich_help_panel=DAILY)
    app.add_typer(tenants, name="tenants", rich_help_panel=SETUP)
    app.add_typer(connections, name="connections", rich_help_panel=SETUP)
    app.add_typer(audit, name="audit", rich_help_panel=SETUP)
    return app
