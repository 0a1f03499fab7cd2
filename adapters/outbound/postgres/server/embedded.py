"""The embedded PostgreSQL: started on first use, shared by every process of one data folder.

Every handle holds a shared lock on a file. The system releases it when the process dies. So a killed process does not
keep the server running, even if another process has its id.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psycopg
from psycopg import pq

from adapters.outbound.postgres.server.cluster import make_cluster
from adapters.outbound.postgres.server.postmaster import SOCKET, START_SECONDS, Postmaster
from adapters.outbound.postgres.server.programs import ProgramFailedError, give_to_server
from adapters.outbound.postgres.server.scratch import scratch_folder
from core.model.shared.errors import Conflict, OperatorMends

DATABASE = "jobferry"
FORMER = "jobferry_former"
"""The database that was in use before a backup was restored."""
_RESTORED = "jobferry_restored"
_ANSWER_SECONDS = 10
"""Enough for a server that runs; one that was frozen never answers."""
_LONGEST_SOCKET = 103
"""Bytes of a socket's path that every system allows."""


class EmbeddedPostgres:
    """One handle on the server. A process may hold several. The last handle that closes stops the server."""

    def __init__(self, folder: Path, short_path: Path, held: ExitStack) -> None:
        self._folder = folder
        self._short_path = short_path
        self._held = held
        self._open = True
        self.url = _url(short_path, DATABASE)
        atexit.register(self.close)

    @classmethod
    def start(cls, data_dir: Path) -> EmbeddedPostgres:
        """Start or join the server in `data_dir`/postgres. Blocks for about a second the first time.

        Removes the variables PG... from the environment of this process: they would lead its connections elsewhere.
        Raises OperatorMends (DATABASE_NOT_STARTED)."""
        _forget_other_servers()
        folder = data_dir / "postgres"
        try:
            folder = data_dir.expanduser().absolute() / "postgres"
            folder.mkdir(parents=True, exist_ok=True)
            folder = folder.resolve()
            if "\n" in str(folder):
                raise ProgramFailedError("there is a line break in the path.", "Name a folder without one.")
            with ExitStack() as held, _turn(folder) as turn:
                held.enter_context(_locked(_users(folder), fcntl.LOCK_SH))
                if not (folder / "PG_VERSION").exists():
                    make_cluster(folder, turn)
                give_to_server(folder)
                short_path = held.enter_context(_short_path(folder))
                try:
                    Postmaster(folder, short_path).ensure_running()
                    _ensure_database(short_path)
                    return cls(folder, short_path, held.pop_all())
                except BaseException:
                    _stop_if_unused(folder, short_path, held)
                    raise
        except Exception as error:
            raise _not_started(error, folder) from error

    @classmethod
    def start_again(cls, data_dir: Path) -> None:
        """Start the server if it died while a handle is open. Makes no database, as where its disk is not mounted.
        Blocks until it is ready. Raises OperatorMends (DATABASE_NOT_STARTED)."""
        if cls.made_in(data_dir):
            cls.start(data_dir).close()

    @staticmethod
    def made_in(data_dir: Path) -> bool:
        """Whether `start` would find a database in `data_dir`, not make one. True if that cannot be seen: `start`
        then says why."""
        try:
            (data_dir.expanduser() / "postgres" / "PG_VERSION").stat()
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError:
            pass
        return True

    def make_empty(self) -> str:
        """Make an empty database beside the one in use, and return its address. One that an unfinished restore left is
        replaced. Raises Conflict while the present database is in use by anybody else."""
        with _connect(_url(self._short_path, "postgres")) as connection:
            _require_unused(connection)
            connection.execute(f"DROP DATABASE IF EXISTS {_RESTORED} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {_RESTORED}")
        return _url(self._short_path, _RESTORED)

    def use_restored(self) -> None:
        """Use what `make_empty` made from now on. The database of before is kept as FORMER, in the place of an older
        one. Raises Conflict."""
        with _connect(_url(self._short_path, "postgres")) as connection:
            _require_unused(connection)
            connection.execute(f"DROP DATABASE IF EXISTS {FORMER} WITH (FORCE)")
            with connection.transaction():
                connection.execute(f"ALTER DATABASE {DATABASE} RENAME TO {FORMER}")
                connection.execute(f"ALTER DATABASE {_RESTORED} RENAME TO {DATABASE}")

    def close(self) -> None:
        if not self._open:
            return
        self._open = False
        atexit.unregister(self.close)
        with _turn(self._folder):
            _stop_if_unused(self._folder, self._short_path, self._held)


def _stop_if_unused(folder: Path, short_path: Path, held: ExitStack) -> None:
    """Close what this handle holds, and stop the server if no other one uses it. It is our turn."""
    held.close()
    if not _in_use(folder):
        Postmaster(folder, short_path).stop()


def _forget_other_servers() -> None:
    """libpq takes what an address leaves open from the environment: PGHOSTADDR, PGSERVICE, PGOPTIONS and others."""
    for name in [name for name in os.environ if name.startswith("PG")]:
        del os.environ[name]


@contextmanager
def _turn(folder: Path) -> Iterator[IO[str]]:
    """Let one process at a time start or stop the server."""
    with _locked(folder.with_name("postgres.lock"), fcntl.LOCK_EX) as turn:
        yield turn


def _users(folder: Path) -> Path:
    return folder.with_name("postgres.users")


def _in_use(folder: Path) -> bool:
    try:
        _locked(_users(folder), fcntl.LOCK_EX | fcntl.LOCK_NB).close()
    except BlockingIOError:
        return True
    return False


def _locked(path: Path, how: int) -> IO[str]:
    file = path.open("a")
    try:
        fcntl.flock(file, how)
    except BaseException:
        file.close()
        raise
    return file


@contextmanager
def _short_path(folder: Path) -> Iterator[Path]:
    """The folder, or a link to it: a socket's path must be short, and libpq takes a comma for the end of a host."""
    try:
        fits = len(str(folder / SOCKET).encode()) <= _LONGEST_SOCKET and "," not in str(folder)
    except UnicodeEncodeError:  # not UTF-8, as an address must be
        fits = False
    if fits:
        yield folder
        return
    with scratch_folder() as scratch:
        link = scratch / "postgres"
        link.symlink_to(folder)
        yield link


def _ensure_database(short_path: Path) -> None:
    with _connect(_url(short_path, "postgres")) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone()
        if not found:
            connection.execute(f"CREATE DATABASE {DATABASE}")


def _require_unused(connection: psycopg.Connection) -> None:
    if connection.execute("SELECT 1 FROM pg_stat_activity WHERE datname = %s", (DATABASE,)).fetchone():
        raise Conflict(
            "The embedded database is in use, so it cannot be replaced.",
            code="DATABASE_IN_USE",
            fix="Stop `serve`, every `worker` and other commands of this installation, and run the command again.",
        )


def _connect(url: str) -> psycopg.Connection:
    """Connect. Wait for a server that is still recovering, for example after a kill; no other refusal passes."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            return psycopg.connect(url, autocommit=True)
        except psycopg.errors.ConnectionTimeout as error:
            raise ProgramFailedError(
                f"it runs but has not answered for {_ANSWER_SECONDS} seconds.",
                "If its processes are stopped or frozen, let them go on, or kill them and start again.",
            ) from error
        except psycopg.OperationalError:
            if pq.PGconn.ping(url.encode()) != pq.Ping.REJECT or time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def _url(short_path: Path, database: str) -> str:
    host = quote(str(short_path), safe="/")
    return f"postgresql://postgres@/{database}?host={host}&port=5432&connect_timeout={_ANSWER_SECONDS}"


def _not_started(error: Exception, folder: Path) -> OperatorMends:
    """Name only what exists."""
    place, log = f" in {folder}" if os.path.lexists(folder) else "", folder / "log"
    if isinstance(error, ProgramFailedError):
        fix = error.fix
    elif isinstance(error, psycopg.Error) and os.path.lexists(log):
        fix = f"Read the end of {log}."
    else:
        fix = "Name a folder that this user may write to, with --data-dir or JOBFERRY_DATA_DIR."
    return OperatorMends(
        f"The embedded PostgreSQL{place} could not be started: {' '.join(str(error).split())}",
        code="DATABASE_NOT_STARTED",
        fix=f"{fix} Or set JOBFERRY_DATABASE_URL to your own PostgreSQL.",
    )
