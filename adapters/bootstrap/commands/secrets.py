"""`jobferry secrets`: the key that encrypts stored passwords and Authorization IDs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import typer

from adapters.bootstrap.installation import installation_of
from adapters.inbound.cli.answers import answers
from adapters.inbound.cli.command_context import group
from adapters.inbound.cli.endings import ExitCode
from adapters.inbound.cli.options import Json, me
from adapters.inbound.cli.views.output import document, say, tell_failure
from adapters.inbound.schema.schema_base import Output

if TYPE_CHECKING:
    from adapters.bootstrap.key_rotation import Rotation

secrets = group("secrets", "The key that encrypts stored passwords.")


class RotationOut(Output):
    """`left`: slugs of tenants whose secrets could not be decrypted; the old keys are kept for them."""

    done: bool
    key_made: bool
    tenants_resealed: int
    left: list[str]
    keys_dropped: int
    keys_to_drop: int


@secrets.command("rotate")
@answers(RotationOut)
def rotate_command(ctx: typer.Context, as_json: Json = False) -> None:
    """Change the encryption key; no process needs a restart.

    Adds a new key to the key file, encrypts every tenant's secrets with it and removes the old key. Safe to stop at
    any moment: all secrets stay readable, and the next run continues.

    \b
    Example:
      jobferry secrets rotate
    """
    from adapters.bootstrap.key_rotation import rotate

    installation = installation_of(ctx)
    installation.start_log("error")
    done = asyncio.run(rotate(installation.settings, by=me()))
    if as_json:
        document(RotationOut.of(done, done=not done.left, tenants_resealed=len(done.resealed)))
    else:
        _tell(done, str(installation.settings.key_file))
    if done.left:
        raise typer.Exit(ExitCode.PARTLY_DONE)


def _tell(done: Rotation, key_file: str) -> None:
    if done.key_made:
        say(f"A new encryption key is in {key_file}.")
    say(f"Tenants whose secrets were encrypted again: {len(done.resealed)}.")
    if done.left:
        cannot = f"The secrets of these cannot be decrypted and were not changed: {', '.join(done.left)}."
        tell_failure(cannot)
        say("Restore their rows from a backup and run this again. The old key is kept.", label="To do:", style="bold")
    elif done.keys_dropped:
        say("The old key is removed from the file; no stored secret needs it.")
        say("Copy the key file again. Earlier backups need the old key: keep its copy as long as you keep them.")
    elif done.keys_to_drop:
        say("Remove the other keys from JOBFERRY_ENCRYPTION_KEY; nothing needs them.", label="Next:", style="bold")
