"""Options that many commands share, and reading of secrets, which are never command line arguments."""

from __future__ import annotations

import getpass
import os
import sys
from datetime import UTC, datetime
from typing import Annotated

import typer

from core.model.shared.errors import BadInput
from core.model.shared.moments import EARLIEST, LATEST
from core.model.shared.secret import Secret
from core.model.work_orders.cost_line import ItemsMode
from core.model.work_orders.job_service import TasksMode

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
TenantOption = Annotated[
    str | None, typer.Option("--tenant", "-t", metavar="SLUG", help="The tenant; not needed if there is only one.")
]
ConnectionOption = Annotated[
    str | None,
    typer.Option("--connection", "-c", metavar="SLUG", help="The connection; not needed if the tenant has only one."),
]

OnlyConnection = Annotated[str | None, typer.Option("--connection", "-c", metavar="SLUG", help="Only this one.")]
Limit = Annotated[int, typer.Option(min=1, max=500, help="How many at most.")]
Before = Annotated[int | None, typer.Option(help="For the next page: the number that the last page printed.")]
BeforeId = Annotated[str | None, typer.Option("--before", help="For the next page: the id that the last page printed.")]
After = Annotated[str | None, typer.Option(help="For the next page: the id that the last page printed.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
Reason = Annotated[str, typer.Option(help="What you saw; the audit keeps it.")]
ItemsOption = Annotated[
    ItemsMode,
    typer.Option("--items", help="Items to post: none, only new ones, the differences, or all of them again."),
]
TasksOption = Annotated[
    TasksMode,
    typer.Option(
        "--tasks",
        help="Services to add as tasks, on a connection that sends tasks and with items: none, only new ones, or all of"
        " them again.",
    ),
]


def in_utc(given: datetime | None) -> datetime | None:
    """A moment, or a day, which begins at midnight. Raises BadInput unless it is from EARLIEST to LATEST."""
    if given is None:
        return None
    at = given.replace(tzinfo=UTC)
    if not EARLIEST <= at <= LATEST:
        raise BadInput(f"The year {at.year:04} is not one of {EARLIEST.year} to {LATEST.year}.", fix="Correct the day.")
    return at


def read_secret(what: str, *, variable: str | None, from_stdin: bool = False) -> Secret:
    """Read a secret from an environment variable, from the first line of stdin, or from a prompt that hides it.

    Raises BadInput if there is none: the variable is not set, stdin is empty, or there is no terminal.
    """
    if variable:
        value = os.environ.get(variable, "")
        missing = f"The environment variable {variable}, which should hold the {what}, is not set."
    elif from_stdin:
        value = sys.stdin.readline().rstrip("\r\n")
        missing = f"There is no {what} on stdin."
    elif sys.stdin.isatty():
        value = typer.prompt(what.capitalize(), hide_input=True, err=True)
        missing = f"You typed no {what}."
    else:
        value, missing = "", f"The {what} is missing, and there is no terminal to ask for it."
    if not value:
        raise BadInput(missing, fix="Name a variable that holds it, or send it on stdin; see --help for the options.")
    return Secret(value)


def me() -> str:
    """The user of this machine, as the audit names them."""
    return f"cli:{getpass.getuser()}"
