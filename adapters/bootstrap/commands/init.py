"""`jobferry init`: sets up an installation or brings it up to date. It is safe to run again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from adapters.bootstrap.installation import installation_of
from adapters.inbound.cli.options import Json
from adapters.inbound.cli.views.output import data, document, say
from adapters.inbound.schema.schema_base import Output

if TYPE_CHECKING:
    from adapters.bootstrap.initialisation import Made
    from adapters.bootstrap.settings import Settings


class InitOut(Output):
    """`operator_key` is null if there was one already."""

    operator_key: str | None


def init(
    ctx: typer.Context,
    new_key: Annotated[bool, typer.Option("--new-key", help="Make one more operator key; the others stay.")] = False,
    as_json: Json = False,
) -> None:
    """Set up this installation, or bring it up to date.

    Creates or upgrades the database. Makes the encryption key and the first operator key, and prints the latter once.
    """
    from adapters.bootstrap.initialisation import initialise

    installation = installation_of(ctx)
    installation.start_log("error")
    made = asyncio.run(initialise(installation.settings, new_key=new_key))
    if as_json:
        document(InitOut(operator_key=made.operator_key))
    else:
        _tell(made, installation.settings)


def _tell(made: Made, settings: Settings) -> None:
    where = "the embedded PostgreSQL" if settings.database_url is None else "your PostgreSQL"
    say(f"The database ({where}) is up to date. Data folder: {settings.data_dir}")
    if made.encryption_key:
        say(f"A new encryption key is in {settings.key_file}. Keep a copy: stored passwords cannot be read without it.")
    if made.operator_key is None:
        say("There is an operator key already; `jobferry init --new-key` makes one more.")
        return
    say("The operator key gives access to the whole HTTP API. It is shown only now:")
    data.print(made.operator_key, soft_wrap=True)
    say("jobferry tenants add --help, then jobferry serve", label="Next:", style="bold")
