"""The server process of one database cluster: whether it runs, its start and its stop."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from adapters.outbound.postgres.server.programs import OWN_MEMORY, ProgramFailedError, installed, run_options

START_SECONDS = 120
"""Enough time to recover from a crash."""
_STOP_SECONDS = 60
_LOOK_AGAIN_SECONDS = 0.02
SOCKET = ".s.PGSQL.5432"

# The socket stands in the cluster's own folder, for which "." is a short name however long its path is. Every user of
# the socket is superuser, so only our own system user may open it.
_OPTIONS = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_directories": ".",
    "unix_socket_permissions": "0700",
    "lc_messages": "C",
}
_started: list[subprocess.Popen[bytes]] = []
"""Servers that this process started, so that one that has ended does not stay as a zombie."""


class Postmaster:
    """`folder` is the cluster; `short_path` is a path to the same folder that is short enough for a socket."""

    def __init__(self, folder: Path, short_path: Path) -> None:
        self._folder = folder
        self._short_path = short_path
        self._pid_file = folder / "postmaster.pid"
        self._log = folder / "log"

    def ensure_running(self) -> None:
        """Start the server if it does not run, and return when it is ready. Raises ProgramFailedError, OSError."""
        deadline = time.monotonic() + START_SECONDS
        started, log_before = None, 0
        while True:
            if not (started is not None and started.poll() is None) and not self.running():
                if started is not None:
                    raise ProgramFailedError(self._said_last(log_before), f"Read the end of {self._log}.")
                log_before = self._log.stat().st_size if self._log.exists() else 0
                started = self._start()
            elif self._ready(ours=started is not None):
                return
            if time.monotonic() > deadline:
                raise ProgramFailedError(
                    f"it is not ready after {START_SECONDS} seconds; it may still be recovering from a crash.",
                    f"Read the end of {self._log}, and start again.",
                )
            time.sleep(_LOOK_AGAIN_SECONDS)

    def running(self) -> bool:
        """Also if it runs in another container, which shares the folder but not the process ids."""
        return self._process() is not None or self._answers()

    def stop(self) -> None:
        """Tell the server to stop, and wait for it, a minute at most."""
        process, deadline = self._process(), time.monotonic() + _STOP_SECONDS
        if process is None:
            return
        with suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGINT)  # ends sessions; smart shutdown would wait for them
        while self._process() is not None and time.monotonic() < deadline:
            time.sleep(_LOOK_AGAIN_SECONDS)
        for ended in [each for each in _started if each.pid == process.pid]:
            with suppress(subprocess.TimeoutExpired):
                ended.wait(max(0, deadline - time.monotonic()))
                _started.remove(ended)

    def _process(self) -> psutil.Process | None:
        """The process in the pid file, if it is a server of this folder: another process may have the id by now."""
        try:
            process = psutil.Process(int(self._pid_file.read_bytes().partition(b"\n")[0]))
            return process if str(self._folder) in process.cmdline() else None
        except (FileNotFoundError, ValueError, OverflowError, psutil.Error):
            return None

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1)
            try:
                client.connect(str(self._short_path / SOCKET))
            except (FileNotFoundError, ConnectionRefusedError):
                return False
            except OSError:  # busy, or not for us: it is there
                return True
        return True

    def _start(self) -> subprocess.Popen[bytes]:
        for left_behind in (self._pid_file, self._folder / f"{SOCKET}.lock"):
            _disown(left_behind)
        _started[:] = [each for each in _started if each.poll() is None]
        options = [part for name, value in _OPTIONS.items() for part in ("-c", f"{name}={value}")]
        # Not through a link: the folder is the server's user's, who could let root write somewhere else.
        log = os.open(self._log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            started = subprocess.Popen(  # noqa: S603 - no shell
                [installed() / "bin" / "postgres", "-D", self._folder, "-c", OWN_MEMORY, *options],
                stdout=log,
                stderr=log,
                start_new_session=True,  # it outlives this process, and Ctrl-C is not for it
                **run_options(self._folder),
            )
        finally:
            os.close(log)
        _started.append(started)
        return started

    def _ready(self, *, ours: bool) -> bool:
        """The server writes it into its pid file. A file with our own id is the one that we disowned."""
        try:
            lines = self._pid_file.read_text(errors="replace").splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > 7 and lines[7].strip() == "ready" and not (ours and lines[0] == str(os.getpid()))

    def _said_last(self, log_before: int) -> str:
        """The last FATAL or PANIC since the start, with its details, or the last line."""
        try:
            said = self._log.read_bytes()[log_before:].decode(errors="replace").splitlines()
        except OSError:
            said = []
        levels = [at for at, line in enumerate(said) if "FATAL:" in line or "PANIC:" in line]
        if not levels:
            return "".join(said[-1:]).strip() or "it said nothing."
        # Of a setting that is wrong, the line before tells.
        cause = said[: levels[-1]][-1:] if "contains errors" in said[levels[-1]] else []
        details = [line for line in said[levels[-1] + 1 :] if "DETAIL:" in line or "HINT:" in line]
        return " ".join((line.partition("] ")[2] or line).strip() for line in (*cause, said[levels[-1]], *details))


def _disown(lock_file: Path) -> None:
    """Replace the dead server's process id by ours. PostgreSQL would not start if another process or a zombie had the
    old id, or if a power cut emptied the file, but it ignores the process that started it. It still finds orphans of
    the dead server by the rest of the file."""
    with suppress(FileNotFoundError):
        _, _, rest = lock_file.read_bytes().partition(b"\n")
        lock_file.write_bytes(b"%d\n%b" % (os.getpid(), rest))
