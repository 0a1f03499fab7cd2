"""`jobferry secrets`: the key under which passwords and Authorization IDs are stored."""

from __future__ import annotations

import asyncio

import typer

from adapters.bootstrap.installation import installation_of
from adapters.bootstrap.key_rotation import Rotation, rotate
from adapters.inbound.cli.endings import ExitCode
from adapters.inbound.cli.options import Json, group
from adapters.inbound.cli.views.output import document, say
from adapters.inbound.schema.schema_base import Output

secrets = group("The key under which passwords are stored.")


class RotationOut(Output):
    """`left`: slugs of tenants whose secrets could not be opened, for whose sake the old keys were kept."""

    done: bool
    key_made: bool
    tenants_resealed: int
    left: list[str]
    keys_dropped: int
    keys_to_drop: int


@secrets.callback()
def _group() -> None:
    """The key under which passwords are stored."""


@secrets.command("rotate")
def rotate_command(ctx: typer.Context, as_json: Json = False) -> None:
    """Change the encryption key while everything runs.

    Puts a new key into the key file, encrypts every tenant's secrets anew and drops the old key. Safe to stop at any
    moment: everything stays readable, and the next run goes on. No process needs a restart.
    """
    installation = installation_of(ctx)
    installation.start_log("error")
    done = asyncio.run(rotate(installation.settings))
    if as_json:
        document(_out(done))
    else:
        _tell(done, str(installation.settings.key_file))
    if done.left:
        raise typer.Exit(ExitCode.PARTLY_DONE)


def _out(done: Rotation) -> RotationOut:
    return RotationOut(
        done=not done.left,
        key_made=done.key_made,
        tenants_resealed=len(done.resealed),
        left=list(done.left),
        keys_dropped=done.keys_dropped,
        keys_to_drop=done.keys_to_drop,
    )


def _tell(done: Rotation, key_file: str) -> None:
    if done.key_made:
        say(f"A new encryption key stands in {key_file}.")
    say(f"Tenants whose secrets were encrypted anew: {len(done.resealed)}.")
    if done.left:
        cannot = f"These cannot be opened and were left as they are: {', '.join(done.left)}."
        say(cannot, label="Failed:", style="bold red")
        say("Restore their rows from a backup and run this again. The old key was kept.", label="To do:", style="bold")
    elif done.keys_dropped:
        say("The old key is gone from the file and opens nothing any more.")
        say("Copy the key file anew. Backups made before need the old key: keep its copy as long as you keep them.")
    elif done.keys_to_drop:
        say("take the other keys out of JOBFERRY_ENCRYPTION_KEY; nothing needs them.", label="Next:", style="bold")
