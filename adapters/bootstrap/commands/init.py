"""`jobferry init`: sets up an installation or brings it up to date. It is safe to run again."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Annotated

import typer

from adapters.bootstrap.encryption_key import ensure_key
from adapters.bootstrap.installation import installation_of
from adapters.bootstrap.runtime import open_database, open_runtime
from adapters.bootstrap.settings import Settings
from adapters.inbound.cli.options import Json
from adapters.inbound.cli.views.output import data, document, say
from adapters.inbound.schema.schema_base import Output
from adapters.outbound.postgres.server.migrate import migrate
from core.model.access.caller import Caller
from core.model.shared.errors import OperatorMends
from core.services.access.api_keys import KeyRequest


class InitOut(Output):
    """`operator_key` is null if there was one already."""

    operator_key: str | None


@dataclass(frozen=True, slots=True)
class Made:
    """What `init` made. `operator_key` is None if there was one already and no other was asked for."""

    encryption_key: bool
    operator_key: str | None


def init(
    ctx: typer.Context,
    new_key: Annotated[bool, typer.Option("--new-key", help="Make one more operator key; the others stay.")] = False,
    as_json: Json = False,
) -> None:
    """Set up this installation, or bring it up to date.

    Creates or upgrades the database. Makes the encryption key and the first operator key, and prints the latter once.
    """
    installation = installation_of(ctx)
    installation.start_log("error")
    made = asyncio.run(initialise(installation.settings, new_key=new_key))
    if as_json:
        document(InitOut(operator_key=made.operator_key))
    else:
        _tell(made, installation.settings)


async def initialise(settings: Settings, *, new_key: bool = False) -> Made:
    """Raises OperatorMends if the database cannot be used, the key file cannot be made, or the key is lost."""
    async with open_database(settings) as url:
        await migrate(url)
        encryption_key = ensure_key(settings)
        try:
            async with open_runtime(settings) as runtime:
                keys, operator_key = runtime.use_cases.api_keys, None
                if new_key or not await keys.any():
                    made = await keys.create(KeyRequest(name="init"), Caller(who="init"))
                    operator_key = made.text
        except OperatorMends as error:
            if not encryption_key or error.code != "SECRET_UNREADABLE":
                raise
            settings.key_file.unlink()  # the new key cannot open the stored secrets
            raise _lost_key(settings) from error
    return Made(encryption_key, operator_key)


def _lost_key(settings: Settings) -> OperatorMends:
    """A new key would hide the loss until the first send fails."""
    return OperatorMends(
        f"The database holds tenants, but their encryption key is gone: {settings.key_file} does not exist.",
        code="ENCRYPTION_KEY_MISSING",
        fix="Restore the key file from its copy, or name it with JOBFERRY_ENCRYPTION_KEY_FILE. Without a copy "
        "nobody can read the stored passwords and Authorization IDs any more, and a new key does not help. Then use "
        "another data folder or database (--data-dir, JOBFERRY_DATABASE_URL) and add tenants and connections again; "
        "the old database keeps the record of what was sent.",
    )


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
