"""All commands that need only the use cases, as one app; bootstrap adds the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import typer

from adapters.inbound.cli.deferred import Commands, Deferred


def _group(name: str, help: str) -> Deferred:
    module = name.replace("-", "_")
    return Deferred(name, f"adapters.inbound.cli.commands.{module}:{module}", help)


GROUPS = (
    _group("jobs", "Preview, send and complete ServiceTrade jobs."),
    _group("sends", "List sends, show one, retry or cancel it."),
    _group("doubts", "What to check in Spectrum: there or not."),
    _group("reconcile", "Compare completed jobs with what was sent."),
    _group("restore", "Restore a backup, and compare what was sent since."),
    _group("warnings", "What needs somebody's attention."),
    _group("tenants", "ServiceTrade accounts, each with its own connections."),
    _group("connections", "Spectrum companies that a tenant sends to."),
    _group("keys", "Keys for the HTTP API, of the operator or a tenant."),
    _group("people", "People who use the console."),
    _group("aliases", "Spectrum codes used instead of external ids."),
    _group("codes", "The codes that a Spectrum company has."),
    _group("suggestions", "Codes for records that have none, and confirming them."),
    _group("creations", "New sites and customers in Spectrum."),
    _group("webhook-endpoints", "Programs that receive events about sends."),
    _group("notifications", "Who is told of trouble, by mail, Teams or Slack."),
    _group("plugins", "Rules that connections may use."),
    _group("audit", "Who did what, and why."),
)
"""In the order of the help."""


def command_line(commands: Iterable[Deferred] = GROUPS, root: Callable[..., None] = lambda: None) -> typer.Typer:
    """The app of these commands. `root` runs before each of them and has the options that all share. `ctx.obj` must
    hold an `Installation` before a command runs."""

    class Root(Commands):
        deferred = tuple(commands)

    app = typer.Typer(
        rich_markup_mode=None,  # typer's framed help cuts off long option names at 80 columns
        name="jobferry",
        cls=Root,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
    )
    app.callback()(root)
    return app
