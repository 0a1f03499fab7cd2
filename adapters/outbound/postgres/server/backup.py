"""Backups: the whole database in one file of PostgreSQL's `pg_dump`, which is read back before it counts as made.

The rows are counted in the snapshot that is written, and again in the file: a file that lacks rows is no backup.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import psycopg
from psycopg import Connection, IsolationLevel, sql
from sqlalchemy.engine import URL

from adapters.outbound.postgres.server.failures import unreachable
from adapters.outbound.postgres.server.programs import installed
from adapters.outbound.postgres.server.role import dsn_and_password, dsn_of, for_backup
from core.model.shared.errors import BadInput, OperatorMends

_COPY = re.compile(rb'COPY public\."?([a-z_0-9]+)"? \(.*\) FROM stdin;\n')
_END_OF_COPY = b"\\.\n"
_TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1"
_HIDDEN = """
SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND row_security_active(oid)
 AND NOT (current_setting('role') = 'none' AND EXISTS
  (SELECT FROM pg_policies WHERE schemaname = 'public' AND tablename = relname AND policyname = 'backed_up'))
ORDER BY 1
"""
"""Tables of which row-level security shows this user nothing, or some rows: a count would not tell."""
SCHEMA = "--schema=public"
_UNFINISHED = ".unfinished"

RowCounts = Mapping[str, int]
"""How many rows each table has, by its name."""


def make_backup(url: str, file: Path) -> RowCounts:
    """Write the database of `url`, as its user, to the new `file`, which only this user can read. Work may go on.

    Blocks until the file was read back. Returns what is in it. Raises BadInput if `file` exists or cannot be made,
    OperatorMends (BACKUP_FAILED, DATABASE_UNREACHABLE) if the backup is not complete; then there is no file.
    """
    unread = file.with_name(file.name + _UNFINISHED)
    if taken := next((one for one in (file, unread) if os.path.lexists(one)), None):
        raise BadInput(f"{taken} exists already.", fix="Name another file, or remove this one if nothing writes to it.")
    try:
        with _new(unread):
            counted = _dump(for_backup(url), unread)
            found = read_backup(unread)
            if found != counted:
                raise failed(f"the file lacks rows of the database ({differences(counted, found)}).")
            _take_name(unread, file)
    except psycopg.Error as error:
        raise unreachable(error) from error
    except OSError as error:
        raise failed(f"{error.strerror} ({error.filename or file}).") from error
    return counted


def _take_name(unread: Path, file: Path) -> None:
    """Give the finished backup its name. Raises BadInput if somebody has made such a file meanwhile: that one stays."""
    try:
        file.hardlink_to(unread)  # unlike a rename, it replaces nothing
    except OSError as error:
        if os.path.lexists(file):
            raise BadInput(
                f"{file} was made by somebody else meanwhile. It was left as it is.", fix="Name another file."
            ) from error
        unread.rename(file)  # a file system without links


def read_backup(file: Path) -> RowCounts:
    """Read all of `file`. Raises BadInput (BACKUP_UNREADABLE) if it is not a backup, or not a whole one."""
    counts: dict[str, int] = {}
    command = (program("pg_restore"), "--data-only", "--file=-", str(file))
    table = None
    with TemporaryFile() as said:
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said) as running:  # noqa: S603 - no shell
            for line in running.stdout or ():
                if table is None:
                    if started := _COPY.fullmatch(line):
                        table = started[1].decode()
                        counts[table] = 0
                elif line == _END_OF_COPY:
                    table = None
                else:
                    counts[table] += 1
        said.seek(0)
        reason = said.read().decode(errors="replace").strip()
    if running.returncode or table is not None or "alembic_version" not in counts:
        raise BadInput(
            f"{file} is not a whole backup of Jobferry. {reason}".rstrip(),
            code="BACKUP_UNREADABLE",
            fix="Name a file that `jobferry backup` made.",
        )
    return counts


def _dump(address: URL, file: Path) -> RowCounts:
    """Write the file. Returns what the snapshot holds that was written."""
    with psycopg.connect(dsn_of(address)) as connection:
        connection.isolation_level, connection.read_only = IsolationLevel.REPEATABLE_READ, True
        [(snapshot,)] = connection.execute("SELECT pg_export_snapshot()").fetchall()
        if hidden := [name for (name,) in connection.execute(_HIDDEN).fetchall()]:
            raise failed(f"this user of the database does not see all rows of {', '.join(hidden)}; its owner does.")
        counted = count_rows(connection)
        dump = ("--format=custom", "--enable-row-security", "--no-owner", f"--file={file}", f"--snapshot={snapshot}")
        runprogram("pg_dump", *dump, SCHEMA, address=address)
    return counted


def count_rows(connection: Connection[Any]) -> RowCounts:
    tables = [name for (name,) in connection.execute(_TABLES).fetchall()]
    count = sql.SQL("SELECT count(*) FROM {}")
    return {
        table: connection.execute(count.format(sql.Identifier("public", table))).fetchall()[0][0] for table in tables
    }


def runprogram(name: str, *arguments: str, address: URL) -> None:
    """Run a program of PostgreSQL on a database. Raises OperatorMends (BACKUP_FAILED) with what it said."""
    command, environment = program_on(name, address)
    done = subprocess.run(  # noqa: S603 - no shell
        (*command, *arguments), env=environment, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False
    )
    if done.returncode:
        raise failed(f"{name} said: {done.stderr.decode(errors='replace').strip()}")


def program_on(name: str, address: URL) -> tuple[tuple[str, ...], dict[str, str]]:
    """The beginning of a command line that connects to a database, and its environment, which holds the password."""
    dsn, password = dsn_and_password(address)
    environment = os.environ | {"LC_ALL": "C"} | ({"PGPASSWORD": password} if password else {})
    return (program(name), "--no-password", f"--dbname={dsn}"), environment


def failed(reason: str) -> OperatorMends:
    return OperatorMends(
        f"The backup or restore is not complete: {reason}",
        code="BACKUP_FAILED",
        fix="Remove the cause and run the command again; nothing was changed.",
    )


def differences(expected: RowCounts, found: RowCounts) -> str:
    """The tables whose numbers differ, in words."""
    tables = sorted(expected.keys() | found.keys())
    return ", ".join(
        f"{table}: {found.get(table, 0)} of {expected.get(table, 0)}"
        for table in tables
        if expected.get(table) != found.get(table)
    )


def program(name: str) -> str:
    return str(installed() / "bin" / name)


@contextmanager
def _new(path: Path) -> Iterator[None]:
    """A new file for this user alone, on the disk and complete at the end of the block, or gone if the block fails."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except (FileNotFoundError, NotADirectoryError, PermissionError) as error:
        raise BadInput(
            f"No file can be made in {path.parent}: {error.strerror}.", fix="Name a new file in a folder of yours."
        ) from error
    try:
        yield
    finally:
        with suppress(FileNotFoundError):
            path.unlink()
