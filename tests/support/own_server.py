"""A PostgreSQL server of Debian's and pgbouncer in front of it: a database of one's own, as operators have it."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NoReturn
from urllib.parse import quote

import psycopg
import pytest

_PORT = 5432
_MISSING = "LEFT OUT: the tests of a database of one's own need Debian's {}: apt-get install {}"


@dataclass(frozen=True, slots=True)
class OwnServer:
    """A server that nobody else uses, with its superuser `postgres`. Any local user may log in as anybody."""

    sockets: Path
    stopping: Sequence[str]
    starting: Sequence[str]

    def url(self, database: str = "postgres", user: str = "postgres") -> str:
        return f"postgresql://{user}@/{database}?host={quote(str(self.sockets))}"

    def run(self, *statements: str) -> None:
        """As its superuser."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def stop_at_once(self) -> None:
        """An immediate stop, as in a crash."""
        _run(self.stopping)

    def start(self) -> None:
        _run(self.starting)


@contextmanager
def own_server(fsync: Literal["on", "off"] = "off") -> Iterator[OwnServer]:
    """Start the newest PostgreSQL server that Debian has installed here."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda path: int(path.parts[4]))
    if not found:
        _leave_out("postgresql")
    tools = found[-1].parent
    with _folder() as folder:
        data, log = folder / "data", folder / "log"
        make: list[str | Path] = [tools / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8"]
        _run([*make, "--locale", "C.UTF-8", *(["--no-sync"] if fsync == "off" else [])])
        options = f"-h '' -k {folder} -c fsync={fsync}"
        control = [tools / "pg_ctl", "-w", "-D", data, "-l", log]
        start, stop = [*control, "-o", options, "start"], [*control, "-m", "immediate", "stop"]
        server = OwnServer(folder, [*map(str, stop)], [*map(str, start)])
        server.start()
        try:
            yield server
        finally:
            if (data / "postmaster.pid").exists():
                server.stop_at_once()


@contextmanager
def pooler(server: OwnServer, mode: str, *users: str, **settings: str | int) -> Iterator[Path]:
    """pgbouncer on a socket in the folder that is yielded. `settings` replace those of the `[pgbouncer]` section."""
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if program is None:
        _leave_out("pgbouncer")
    with _folder() as folder:
        (folder / "users").write_text("".join(f'"{user}" ""\n' for user in ("postgres", *users)))
        chosen: dict[str, Any] = {
            "unix_socket_dir": folder,
            "listen_port": _PORT,
            "auth_type": "trust",
            "auth_file": folder / "users",
            "pool_mode": mode,
            "ignore_startup_parameters": "extra_float_digits,options",
            "log_connections": 0,
            "log_disconnections": 0,
            "log_stats": 0,
        } | settings
        lines = [f"[databases]\n* = host={server.sockets} port={_PORT}\n[pgbouncer]"]
        (folder / "ini").write_text("\n".join([*lines, *(f"{name} = {value}" for name, value in chosen.items()), ""]))
        with subprocess.Popen([program, folder / "ini"], stderr=subprocess.PIPE, text=True, **_as_who()) as process:
            try:
                assert process.stderr
                said = []
                for line in process.stderr:
                    said.append(line)
                    if "process up" in line:
                        break
                else:
                    pytest.fail("".join(said))
                yield folder
            finally:
                process.terminate()


def pooled(folder: Path, database: str, user: str = "postgres") -> str:
    return f"postgresql://{user}@/{database}?host={quote(str(folder))}"


@contextmanager
def _folder() -> Iterator[Path]:
    """A short path, as a socket's path must be, that belongs to who runs the programs."""
    with tempfile.TemporaryDirectory(prefix="jobferry-own-", ignore_cleanup_errors=True) as name:
        if user := _as_who().get("user"):
            shutil.chown(name, user, pwd.getpwnam(user).pw_gid)
        Path(name).chmod(0o755)
        yield Path(name)


def _as_who() -> dict[str, Any]:
    """Neither program runs as root; Debian's packages make a user for them."""
    return {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}


def _run(command: Sequence[str | Path]) -> None:
    done = subprocess.run(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False, cwd="/", **_as_who()
    )
    if done.returncode:
        pytest.fail(done.stderr)


def _leave_out(package: str) -> NoReturn:
    """Leave the test out and say so; in CI that is a failure."""
    reason = _MISSING.format(package, package)
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
