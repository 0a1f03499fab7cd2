"""The commands that stay up, as processes of their own: they say when they are ready and end when they are asked to."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from adapters.outbound.vault.master_key import new_key, text_of

pytestmark = pytest.mark.long

_LONGEST_SECONDS = 60


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "adapters.bootstrap", *arguments]


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JOBFERRY_")}
    return kept | {"PYTHONPATH": str(Path(__file__).parents[3])}


def _run(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        _command(*arguments),
        cwd=cwd,
        env=_environment() | environment,
        capture_output=True,
        text=True,
        timeout=_LONGEST_SECONDS,
        check=False,
    )


@contextmanager
def _started(*arguments: str, cwd: Path, **environment: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        _command(*arguments),
        cwd=cwd,
        env=_environment() | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=_LONGEST_SECONDS)


def _first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def _status(address: str, key: str | None = None) -> int:
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {key}"} if key else {})
    try:
        with urllib.request.urlopen(request, timeout=_LONGEST_SECONDS) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


@pytest.fixture(scope="module")
def initialised(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A data folder after `init`, and its operator key."""
    folder = tmp_path_factory.mktemp("served")
    ended = _run("--data-dir", str(folder), "init", "--json", cwd=folder)
    assert ended.returncode == 0, ended.stderr
    return folder, json.loads(ended.stdout)["operator_key"]


@pytest.fixture(scope="module")
def with_a_tenant(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder after `init`, with one tenant's secret in the database."""
    folder = tmp_path_factory.mktemp("sealed")
    assert _run("--data-dir", str(folder), "init", cwd=folder).returncode == 0
    added = ("tenants", "add", "cardinal", "--name", "C", "--username", "u", "--password-env", "PASSWORD", "--no-check")
    ended = _run("--data-dir", str(folder), *added, cwd=folder, PASSWORD="secret")
    assert ended.returncode == 0, ended.stderr
    return folder


def test_serve_says_where_it_listens_answers_and_ends_on_sigterm(initialised: tuple[Path, str]) -> None:
    folder, key = initialised
    with _started("--data-dir", str(folder), "serve", "--port", "0", cwd=folder) as process:
        line = _first_line(process)
        assert line.startswith("Jobferry listens at http://127.0.0.1:")
        address = line.split()[-1]
        assert _status(f"{address}/readyz") == 200
        assert _status(f"{address}/v1/tenants", key) == 200
        assert _status(f"{address}/v1/tenants", "jf_wrong") == 401
        process.send_signal(signal.SIGTERM)
        assert process.wait(_LONGEST_SECONDS) == 0


def test_limits_are_those_of_the_settings(initialised: tuple[Path, str]) -> None:
    folder, key = initialised
    settings = {"JOBFERRY_RATE_LIMIT_PER_MINUTE": "2", "JOBFERRY_TRUSTED_PROXIES": '["10.0.0.0/8"]'}
    with _started("--data-dir", str(folder), "serve", "--port", "0", cwd=folder, **settings) as process:
        address = _first_line(process).split()[-1]
        assert [_status(f"{address}/v1/tenants", key) for _ in range(3)] == [200, 200, 429]
        assert [_status(f"{address}/metrics"), _status(f"{address}/metrics", key)] == [401, 200]
    with _started("--data-dir", str(folder), "serve", "--port", "0", cwd=folder) as process:
        assert _status(f"{_first_line(process).split()[-1]}/metrics") == 200


def test_serve_names_the_option_when_its_port_is_taken(initialised: tuple[Path, str]) -> None:
    folder, _ = initialised
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ended = _run("--data-dir", str(folder), "serve", "--port", str(taken.getsockname()[1]), cwd=folder)
    assert ended.returncode == 3
    assert "is taken" in ended.stderr
    assert "--port" in ended.stderr


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_nothing_starts_before_init(command: str, tmp_path: Path) -> None:
    ended = _run("--data-dir", str(tmp_path), command, cwd=tmp_path)
    assert ended.returncode == 3
    assert "jobferry init" in ended.stderr


STARTS = (("serve", "--port", "0"), ("worker",), ("tenants", "list"), ("doctor",), ("secrets", "rotate"), ("init",))


@pytest.mark.parametrize(
    ("given", "command"),
    [
        *(("a wrong key", command) for command in STARTS),
        ("no key", ("serve", "--port", "0")),
        ("no key", ("init",)),
        ("no key in it", ("worker",)),
        ("no key in it", ("tenants", "list")),
    ],
)
def test_nothing_starts_without_the_right_key(with_a_tenant: Path, given: str, command: tuple[str, ...]) -> None:
    key = with_a_tenant / "encryption.key"
    kept = key.read_bytes()
    key.unlink()
    if given != "no key":
        key.write_text(text_of([new_key()]) if given == "a wrong key" else "\n")
    try:
        ended = _run("--data-dir", str(with_a_tenant), *command, cwd=with_a_tenant)
        left = key.exists()
    finally:
        key.write_bytes(kept)
    told = " ".join((ended.stdout + ended.stderr).split())
    assert ended.returncode == 3, told
    assert "Traceback" not in told
    words = {"no key": "Restore the", "a wrong key": "encrypted with another key", "no key in it": "Use the key that"}
    assert words[given] in told
    assert left == (given != "no key"), "no key was made beside secrets that it does not open"


def test_the_key_is_changed_and_the_tenants_are_still_there(with_a_tenant: Path) -> None:
    key = with_a_tenant / "encryption.key"
    before = key.read_bytes()
    for _ in range(2):
        ended = _run("--data-dir", str(with_a_tenant), "secrets", "rotate", "--json", cwd=with_a_tenant)
        assert ended.returncode == 0, ended.stderr
        assert json.loads(ended.stdout) == {
            "done": True,
            "key_made": True,
            "tenants_resealed": 1,
            "left": [],
            "keys_dropped": 1,
            "keys_to_drop": 0,
        }
    assert key.read_bytes() != before
    told = _run("--data-dir", str(with_a_tenant), "secrets", "rotate", cwd=with_a_tenant)
    assert "encrypted again: 1." in told.stderr
    assert _run("--data-dir", str(with_a_tenant), "tenants", "list", cwd=with_a_tenant).returncode == 0


def test_a_worker_answers_health_checks_and_metrics_and_nothing_else(initialised: tuple[Path, str]) -> None:
    folder, key = initialised
    with _started("--data-dir", str(folder), "worker", "--port", "0", cwd=folder) as process:
        line = _first_line(process)
        assert line.startswith("Jobferry answers health checks at http://127.0.0.1:")
        address = line.split()[-1]
        assert [_status(f"{address}/{path}") for path in ("livez", "readyz", "metrics")] == [200, 200, 200]
        others = ("", "openapi.json", "docs", "sign-in", "v1/tenants", "hooks/servicetrade/x.y")
        assert [_status(f"{address}/{path}", key) for path in others] == [404] * len(others)
        process.send_signal(signal.SIGTERM)
        assert process.wait(_LONGEST_SECONDS) == 0
        assert process.stderr
        logged = [json.loads(line) for line in process.stderr if line.startswith("{")]
    told = {one["event"]: one for one in logged}
    assert {"worker.listening", "worker.started", "worker.stopping", "worker.stopped"} <= told.keys()
    assert told["worker.started"]["version"] == told["worker.listening"]["version"] == version("jobferry")
    without_key = {"JOBFERRY_PUBLIC_URL": "https://jobferry.example.com"}
    with _started("--data-dir", str(folder), "worker", "--port", "0", cwd=folder, **without_key) as process:
        address = _first_line(process).split()[-1]
        assert [_status(f"{address}/metrics"), _status(f"{address}/metrics", key)] == [401, 200]


def test_a_worker_ends_on_sigterm(initialised: tuple[Path, str]) -> None:
    folder, _ = initialised
    with _started("--data-dir", str(folder), "worker", "--concurrency", "2", cwd=folder) as process:
        assert "2 connections at the same time, 1 of one tenant" in _first_line(process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(_LONGEST_SECONDS) == 0
        assert process.stderr is not None
        [told] = [line for line in process.stderr if "worker.started" in line]
    assert {"slots": 2, "slots_of_a_tenant": 1}.items() <= json.loads(told).items()


def test_a_wrong_setting_stops_everything_but_the_help(tmp_path: Path) -> None:
    (tmp_path / "jobferry.toml").write_text("prot = 8480\n")
    ended = _run("serve", cwd=tmp_path)
    assert ended.returncode == 3
    assert "did you mean port?" in ended.stderr
    assert _run("serve", "--help", cwd=tmp_path).returncode == 0
    assert _run("--version", cwd=tmp_path).stdout.startswith("jobferry ")


@pytest.mark.parametrize("system", ["servicetrade", "spectrum"])
def test_a_sandbox_runs_alone_until_it_is_stopped(system: str, tmp_path: Path) -> None:
    with _started("sandbox", system, cwd=tmp_path) as process:
        line = _first_line(process)
        control = line.split()[-1]
        assert _status(f"{control}/state") == 200
        port = str(urlsplit(control).port)
        assert _run("sandbox", system, "--control-port", port, cwd=tmp_path).returncode == 3
        process.send_signal(signal.SIGINT)
        assert process.wait(_LONGEST_SECONDS) == 0


def test_the_demo_tells_the_whole_story_and_leaves_nothing_behind(tmp_path: Path) -> None:
    ended = _run("demo", "--once", cwd=tmp_path, TMPDIR=str(tmp_path))
    assert ended.returncode == 0, ended.stderr
    for told in (
        "T104482 is in Spectrum North",
        "was updated; Spectrum North still holds 1 work order",
        "MAP_CUSTOMER_MISSING",
        "Comment in ServiceTrade",
        "T104489 is in Spectrum North",
        "The comment on the job is removed",
        "38 jobs: 20 sent",
        "read from Spectrum and from a file: 16 customers, 16 sites, 2 contracts, 9 items",
        "16 records of ServiceTrade have a clear code, 2 a doubtful one",
        "BAYBREW Bayside Brewing Co",
        "Nothing is set before somebody confirms it",
        "Without --once the demo keeps running",
    ):
        assert told in ended.stdout, told
    assert "Traceback" not in ended.stderr
    assert list(tmp_path.glob("jobferry-demo-*")) == []


def test_every_command_that_the_demo_tells_works_while_it_runs(tmp_path: Path) -> None:
    given = {"TMPDIR": str(tmp_path), "TERM": "dumb"}
    with _started("demo", "--port", "0", "--no-browser", cwd=tmp_path, **given) as process:
        assert process.stdout is not None
        told = list(iter(lambda: process.stdout.readline().rstrip(), "Ctrl-C ends it."))  # type: ignore[union-attr]
        after = told[next(number for number, line in enumerate(told) if "Look for yourself" in line) :]
        [folder] = [line.split()[-1] for line in after if line.startswith("  cd ")]
        typed = [line for line in after if line.startswith("  curl ") or "jobferry " in line.partition(" --")[0]]
        assert len(typed) > 10, told
        for line in typed:
            command = re.sub(r"^  \S*jobferry ", f"{sys.executable} -m adapters.bootstrap ", line)
            ended = subprocess.run(
                ["sh", "-c", command.replace("curl -s", "curl -sS --fail")],
                cwd=folder,
                env=_environment() | given,
                capture_output=True,
                text=True,
                check=False,
            )
            assert ended.returncode == 0, (line, ended.stdout, ended.stderr)
        process.send_signal(signal.SIGINT)
        assert process.wait(_LONGEST_SECONDS) == 0
    assert list(tmp_path.glob("jobferry-demo-*")) == []
