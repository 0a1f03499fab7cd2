"""`jobferry init`: sets up an installation or brings it up to date. It is safe to run again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from adapters.bootstrap.installation import installation_of
from adapters.inbound.cli.answers import answers
from adapters.inbound.cli.options import Json
from adapters.inbound.cli.views.output import data, document, say
from adapters.inbound.schema.schema_base import Output

if TYPE_CHECKING:
    from adapters.bootstrap.initialisation import Made
    from adapters.bootstrap.settings import Settings


class InitOut(Output):
    """`operator_key` is null if there was one already. `upgraded_from` is the schema of before if it was an older one,
    and `backup` the file that holds the database as it was then."""

    operator_key: str | None
    upgraded_from: str | None = None
    backup: str | None = None


@answers(InitOut)
def init(
    ctx: typer.Context,
    new_key: Annotated[bool, typer.Option("--new-key", help="Make one more operator key; the others stay.")] = False,
    no_backup: Annotated[
        bool, typer.Option("--no-backup", help="Upgrade an older database without a backup; you have one of your own.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Set up this installation, or bring it up to date.

    Creates or upgrades the database; before it upgrades one, it writes a backup to the folder `backups` of the data
    folder. Makes the encryption key and the first operator key, and prints the latter once.

    \b
    Example:
      jobferry init
    """
    from adapters.bootstrap.initialisation import initialise

    installation = installation_of(ctx)
    installation.start_log("error")
    made = asyncio.run(initialise(installation.settings, new_key=new_key, backup=not no_backup))
    if as_json:
        backup = str(made.backup) if made.backup else None
        document(InitOut(operator_key=made.operator_key, upgraded_from=made.former, backup=backup))
    else:
        _tell(made, installation.settings)


def _tell(made: Made, settings: Settings) -> None:
    where = "the embedded PostgreSQL" if settings.database_url is None else "your PostgreSQL"
    if made.former:
        say(f"The schema {made.former} was upgraded. Processes of the former version do not start any more.")
    if made.backup:
        say(f"The database of before is in {made.backup}. It leads back to the former version: docs/versions.md.")
    say(f"The database ({where}) is up to date. Data folder: {settings.data_dir}")
    if made.encryption_key:
        say(f"A new encryption key is in {settings.key_file}. Keep a copy: stored passwords cannot be read without it.")
    if made.operator_key is None:
        say("There is an operator key already; `jobferry init --new-key` makes one more.")
        return
    say("The operator key gives access to the whole HTTP API. It is shown only now:")
    data.print(made.operator_key, soft_wrap=True)
    say("jobferry tenants add --help, then jobferry serve", label="Next:", style="bold")
