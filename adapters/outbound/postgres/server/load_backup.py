"""Loads a backup into an empty database. No connection in it posts items from the moment on at which it can be used."""

from __future__ import annotations

import json
import shutil
import subprocess
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import psycopg
from psycopg import sql
from sqlalchemy import Connection, text
from sqlalchemy.engine import URL

from adapters.outbound.postgres.records import finding_values
from adapters.outbound.postgres.server.backup import (
    SCHEMA,
    RowCounts,
    count_rows,
    differences,
    failed,
    program,
    program_on,
    read_backup,
)
from adapters.outbound.postgres.server.failures import unreachable
from adapters.outbound.postgres.server.role import as_owner, dsn_of, for_backup, make_role
from adapters.outbound.postgres.server.schema import REVISIONS, on_connection, unknown
from adapters.outbound.postgres.server.session import require_server
from core.model.shared.errors import Conflict
from core.model.shared.finding import Finding

_OF_NEWER_SERVERS = b"SET transaction_timeout = 0;\n"
"""Among the first lines, which set the session; a server before PostgreSQL 17 refuses it."""
_ANYTHING = text("SELECT EXISTS (SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace)")
# Row-level security binds the owner too, and no tenant is set here.
_HOLD = sql.SQL("""
ALTER TABLE public.connections NO FORCE ROW LEVEL SECURITY;
UPDATE public.connections SET items_hold = jsonb_build_object('since', now(), 'intents', 0)
 || coalesce(items_hold, '{{}}')
 || jsonb_build_object('finding', {finding}::jsonb, 'quiet_until', now() + make_interval(secs => {quiet}));
ALTER TABLE public.connections FORCE ROW LEVEL SECURITY;
""")


def load_backup(url: str, file: Path, *, hold: Finding, quiet: timedelta) -> RowCounts:
    """Load `file` into the empty database of `url`, as its user, who owns everything then: all of it or nothing.

    Every connection is held for items because of `hold`, and that long `quiet`, in the transaction that loads them: a
    service that waits for this database, or is started although the rest of the restore failed, posts nothing.

    Blocks. Returns what was loaded. Raises BadInput (BACKUP_UNREADABLE), Conflict (DATABASE_NOT_EMPTY), OperatorMends
    (BACKUP_FAILED, DATABASE_UNREACHABLE, DATABASE_UNSUITABLE, DATABASE_ROLE_MISSING, SCHEMA_BEHIND for a file of a
    newer version).
    """
    expected = read_backup(file)
    _require_known(file)
    on_connection(url, _prepare)
    _load(file, as_owner(url), _hold(hold, quiet))
    try:
        with psycopg.connect(dsn_of(for_backup(url))) as connection:
            loaded = count_rows(connection)
    except psycopg.Error as error:
        raise unreachable(error) from error
    if loaded != expected:
        raise failed(f"the database lacks rows of the file ({differences(expected, loaded)}).")
    return loaded


def _require_known(file: Path) -> None:
    """Raises OperatorMends (SCHEMA_BEHIND) before anything is loaded that this version could not use."""
    command = (program("pg_restore"), "--data-only", "--table=alembic_version", "--file=-", str(file))
    said = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - no shell
    _, _, rows = said.stdout.partition(b"FROM stdin;\n")
    version = rows.partition(b"\n")[0].decode(errors="replace")
    if version not in REVISIONS:
        raise unknown(f"{file} is of the schema {version}")


def _load(file: Path, address: URL, last: bytes) -> None:
    """Nothing is committed before the last line of the file, and `last`, were carried out."""
    reading = (program("pg_restore"), "--no-owner", SCHEMA, "--file=-", str(file))
    command, environment = program_on("psql", address)
    writing = (*command, "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null")
    with (
        TemporaryFile() as said,
        subprocess.Popen(reading, stdout=subprocess.PIPE, stderr=said) as reader,  # noqa: S603 - no shell
        subprocess.Popen(writing, env=environment, stdin=subprocess.PIPE, stderr=said) as writer,  # noqa: S603
    ):
        whole = False
        if writer.stdin and reader.stdout:
            with suppress(BrokenPipeError):
                whole = _copy(reader, reader.stdout, writer.stdin, last)
        if writer.wait() or not whole:
            said.seek(0)
            raise failed(said.read().decode(errors="replace").strip())


def _copy(reader: subprocess.Popen[bytes], lines: IO[bytes], to: IO[bytes], last: bytes) -> bool:
    """Whether all of it was copied. Otherwise the transaction is not committed."""
    with to:
        to.write(b"BEGIN;\n")
        for line in lines:
            if line == _OF_NEWER_SERVERS:
                break
            to.write(line)
        shutil.copyfileobj(lines, to)
        if reader.wait():
            return False
        to.write(last + b"COMMIT;\n")
    return True


def _hold(hold: Finding, quiet: timedelta) -> bytes:
    found = json.dumps(finding_values(hold))
    return _HOLD.format(finding=sql.Literal(found), quiet=sql.Literal(quiet.total_seconds())).as_bytes()


def _prepare(connection: Connection) -> None:
    """The file grants rights to the role of the service."""
    require_server(connection)
    if connection.scalar(_ANYTHING):
        raise Conflict(
            "The database is not empty. A backup is only loaded into an empty one, so that nothing is lost.",
            code="DATABASE_NOT_EMPTY",
            fix="Make a new database (CREATE DATABASE ...), name it in JOBFERRY_DATABASE_URL, and run the command "
            "again.",
        )
    make_role(connection)
