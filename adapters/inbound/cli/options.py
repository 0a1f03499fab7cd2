"""Options that many commands share, and secrets, which are never taken from the command line itself."""

from __future__ import annotations

import getpass
import os
import sys
from typing import Annotated

import typer

from core.model.shared.errors import BadInput
from core.model.shared.secret import Secret
from core.model.work_orders.cost_line import ItemsMode

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document for machines.")]
TenantOption = Annotated[
    str | None, typer.Option("--tenant", "-t", metavar="SLUG", help="The tenant; may be left out if there is one only.")
]
ConnectionOption = Annotated[
    str | None,
    typer.Option(
        "--connection", "-c", metavar="SLUG", help="The connection; may be left out if the tenant has one only."
    ),
]

ItemsOption = Annotated[
    ItemsMode,
    typer.Option("--items", help="Items of a completed job: none, only new ones, the difference, or all again."),
]


def read_secret(what: str, *, variable: str | None, from_stdin: bool = False) -> Secret:
    """A secret from an environment variable, from the first line of stdin, or asked for without showing it.

    Raises BadInput if there is none: the variable is not set, stdin is empty, or nobody is there to be asked.
    """
    if variable:
        value = os.environ.get(variable, "")
        missing = f"The environment variable {variable}, which should hold the {what}, is not set."
    elif from_stdin:
        value = sys.stdin.readline().rstrip("\r\n")
        missing = f"No {what} came in on stdin."
    elif sys.stdin.isatty():
        value = typer.prompt(what.capitalize(), hide_input=True, err=True)
        missing = f"No {what} was typed."
    else:
        value, missing = "", f"The {what} is missing, and there is no terminal to ask for it."
    if not value:
        raise BadInput(missing, fix="Name a variable that holds it, or pipe it in; see --help for the options.")
    return Secret(value)


def me() -> str:
    """Who works at this machine, for the audit."""
    return f"cli:{getpass.getuser()}"


def group(help: str) -> typer.Typer:
    """A group of commands. Its help is plain text: the framed one cuts long option names off at 80 columns."""
    return typer.Typer(no_args_is_help=True, rich_markup_mode=None, help=help)
