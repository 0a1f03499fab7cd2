"""A program can read every line that `serve` and `worker` write, from the first to the last, whatever happens."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.support.own_server import OwnServer, own_server
from tests.support.plugin_scene import write_plugin

pytestmark = pytest.mark.long

_LONGEST_SECONDS = 60
COMMAND = (sys.executable, "-m", "adapters.bootstrap")


@dataclass
class Logged:
    """A process whose stdout and stderr are one log, as in a container."""

    process: subprocess.Popen[str]
    lines: list[dict[str, Any]] = field(default_factory=list)

    def until(self, event: str) -> dict[str, Any]:
        """Read the log up to this event."""
        assert self.process.stdout
        for text in self.process.stdout:
            line = json.loads(text)
            assert {"timestamp", "level", "event"} <= line.keys(), text
            self.lines.append(line)
            if line["event"] == event:
                return dict(line)
        raise AssertionError(f"no {event} in {self.lines}")

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.until("process.stopped")
        assert self.process.stdout
        assert self.process.stdout.read() == "", "it is the last line"
        assert self.process.wait(_LONGEST_SECONDS) == self.lines[-1]["exit_code"] == 0
        assert self.lines[0]["event"] == "process.started"
        assert self.lines[0]["version"] == self.lines[-1]["version"] == version("jobferry")


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JOBFERRY_")}
    return kept | {"PYTHONPATH": str(Path(__file__).parents[3]), "JOBFERRY_LOG_FORMAT": "json"} | more


@contextmanager
def started(*arguments: str, cwd: Path, settings: Mapping[str, str]) -> Iterator[Logged]:
    with subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=cwd,
        env=environment(**settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield Logged(process)
        finally:
            process.kill()


@pytest.fixture(scope="module")
def server() -> Iterator[OwnServer]:
    with own_server() as running:
        yield running


def test_a_log_is_json_while_requests_fail_and_the_database_goes_and_comes_back(
    server: OwnServer, tmp_path: Path
) -> None:
    settings = {
        "JOBFERRY_DATABASE_URL": server.url(),
        "JOBFERRY_DATA_DIR": str(tmp_path),
        "JOBFERRY_PLUGINS_DIR": str(tmp_path),
        "JOBFERRY_TRUSTED_PLUGINS": '["chatty.py"]',
    }
    made = [*COMMAND, "init"]
    subprocess.run(made, cwd=tmp_path, env=environment(**settings), check=True, capture_output=True)
    write_plugin(tmp_path, "chatty", "print('printed by a plugin')")
    with (
        started("serve", "--port", "0", cwd=tmp_path, settings=settings) as serve,
        started("worker", "--port", "0", cwd=tmp_path, settings=settings) as worker,
    ):
        address = str(serve.until("serve.listening")["address"])
        serve.until("worker.started")
        worker.until("worker.started")
        for path in ("/livez", "/nothing", "/v1/tenants"):
            assert asked(address + path) != 500
        with socket.create_connection(("127.0.0.1", urlsplit(address).port)) as line:
            line.sendall(b"nonsense\r\n\r\n")
            assert b" 400 " in line.recv(100)
        server.stop_at_once()
        try:
            for one in (serve, worker):
                one.until("database.away")
            assert asked(f"{address}/readyz") == 503
        finally:
            server.start()
        for one in (serve, worker):
            one.until("database.back")
            one.stop()
    told = {line["event"] for line in serve.lines}
    assert {"request.answered", "request.malformed", "readiness.missing", "output.written"} <= told
    assert {"request_id", "client"} <= next(one for one in serve.lines if one["event"] == "request.answered").keys()
    assert "printed by a plugin" in [one.get("text") for one in serve.lines]


@pytest.mark.parametrize("role", ["serve", "worker"])
@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"JOBFERRY_PORT": "many"}, "CONFIGURATION_INVALID"),
        ({"JOBFERRY_DATABASE_URL": "postgresql://ann:hush@127.0.0.1:1/jobferry"}, "DATABASE_UNREACHABLE"),
    ],
)
def test_a_process_that_cannot_start_says_why_in_its_log(
    role: str, settings: dict[str, str], code: str, tmp_path: Path
) -> None:
    with started(role, cwd=tmp_path, settings={"JOBFERRY_DATA_DIR": str(tmp_path), **settings}) as process:
        failed = process.until("process.failed")
        assert (failed["role"], failed["code"]) == (role, code)
        assert failed["fix"]
        assert process.until("process.stopped")["exit_code"] == process.process.wait(_LONGEST_SECONDS) == 3
    assert "hush" not in str(process.lines)


def asked(address: str) -> int:
    request = urllib.request.Request(address, headers={"Authorization": "Bearer jf_no-key-of-ours-at-all"})
    try:
        with urllib.request.urlopen(request, timeout=_LONGEST_SECONDS) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
