"""`jobferry backup` and `jobferry restore FILE`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from adapters.bootstrap.importing import much_imported
from adapters.bootstrap.installation import installation_of
from adapters.inbound.cli.answers import answers
from adapters.inbound.cli.commands.restore import restore
from adapters.inbound.cli.options import Json
from adapters.inbound.cli.views.output import data, document, say, table
from adapters.inbound.schema.schema_base import Output

if TYPE_CHECKING:
    from adapters.bootstrap.restoring import RestoredDatabase


class BackupOut(Output):
    """`rows` by table, as read back from the file; `bytes` is its size."""

    file: str
    bytes: int
    rows: Mapping[str, int]


class RestoredOut(Output):
    """`held`: ids of the connections that post no items until somebody acknowledges; `former`: the name of the
    embedded database that was in use before."""

    rows: Mapping[str, int]
    held: list[str]
    former: str | None


_File = Annotated[Path, typer.Argument(metavar="FILE", help="For example jobferry-2027-03-14.backup")]


@answers(BackupOut)
def backup(ctx: typer.Context, file: _File, as_json: Json = False) -> None:
    """Write the database to a file, while everything runs.

    The file is new, is read back, and its rows are counted: it is complete, or there is no file. Keep the encryption
    key apart from it, and never put the folder `intents` back.

    \b
    Example:
      jobferry backup jobferry-2026-11-30.backup
    """
    with much_imported():
        from adapters.bootstrap.restoring import back_up

    installation = installation_of(ctx)
    installation.start_log("error")
    rows = asyncio.run(back_up(installation.settings, file))
    size = file.stat().st_size
    if as_json:
        document(BackupOut(file=str(file), bytes=size, rows=rows))
        return
    _print(rows)
    say(f"{file} holds {sum(rows.values()):,} rows ({size:,} bytes) and was read back. It lacks the encryption key:")
    say("Keep a copy of the key file apart from it.", label="To do:", style="bold")


@restore.command("file", hidden=True)
@answers(RestoredOut)
def restore_file(ctx: typer.Context, file: _File, as_json: Json = False) -> None:
    """Load a backup into an empty database, and hold all items.

    The embedded database is replaced and kept beside it; a PostgreSQL of your own must be empty. Stop `serve` and every
    `worker` first. Work orders are sent as usual then; items wait until somebody has compared them.

    \b
    Example:
      jobferry restore jobferry-2026-11-30.backup
    """
    with much_imported():
        from adapters.bootstrap.restoring import restore as restore_backup

    installation = installation_of(ctx)
    installation.start_log("error")
    done = asyncio.run(restore_backup(installation.settings, file))
    if as_json:
        document(RestoredOut(rows=done.rows, held=[one.id for one in done.held], former=done.former))
    else:
        _tell(done, file)


def _tell(done: RestoredDatabase, file: Path) -> None:
    _print(done.rows)
    say(f"{sum(done.rows.values()):,} rows of {file} are in the database.")
    if done.former:
        say(f"The database of before is kept as {done.former}, until the next restore.")
    if done.held:
        say("No connection posts items now: what was posted after the backup is missing in the database.")
    for step in ("jobferry serve", *(["jobferry restore show --tenant ..."] if done.held else ())):
        say(step, label="Next:", style="bold")


def _print(rows: Mapping[str, int]) -> None:
    data.print(table(("Table", "Rows"), [(name, f"{number:,}") for name, number in sorted(rows.items()) if number]))
