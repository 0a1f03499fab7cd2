"""The server that comes along: who keeps it running, what a crash leaves behind, where its folder may stand."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import psycopg
import pytest
from sqlalchemy import make_url

from adapters.outbound.postgres.server.embedded import EmbeddedPostgres
from adapters.outbound.postgres.server.role import as_role_dsn
from core.model.shared.errors import OperatorMends


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """A living process that has nothing to do with us."""
    process = subprocess.Popen(["sleep", "600"])
    yield process
    process.kill()
    process.wait()


LONGEST_SOCKET = 103
"""Bytes of a socket's path that every system takes."""


def answers(url: str) -> bool:
    try:
        with psycopg.connect(url) as connection:
            return connection.execute("SELECT 1").fetchone() == (1,)
    except psycopg.OperationalError:
        return False


def socket_of(url: str) -> Path:
    return Path(str(make_url(url).query["host"]), ".s.PGSQL.5432")


def pid_file(data_dir: Path) -> Path:
    return data_dir / "postgres" / "postmaster.pid"


def kill_server(data_dir: Path) -> int:
    """Its id; returns once its children are gone too."""
    server = psutil.Process(int(pid_file(data_dir).read_text().partition("\n")[0]))
    children = server.children()
    server.kill()
    _, alive = psutil.wait_procs(children, timeout=60)
    assert not alive
    return int(server.pid)


@pytest.mark.long
def test_two_handles_of_one_process_count_twice(tmp_path: Path) -> None:
    outer = EmbeddedPostgres.start(tmp_path)
    inner = EmbeddedPostgres.start(tmp_path)
    inner.close()
    inner.close()
    assert answers(outer.url)
    outer.close()
    assert not answers(outer.url)
    assert not pid_file(tmp_path).exists()


@pytest.mark.long
@pytest.mark.parametrize("alive", [True, False], ids=["alive", "zombie"])
def test_a_crashed_server_comes_back_although_its_id_is_somebody_elses(
    tmp_path: Path, stranger: subprocess.Popen[bytes], alive: bool
) -> None:
    if not alive:
        stranger.kill()  # not waited for, so its id stays taken
    first = EmbeddedPostgres.start(tmp_path)
    with psycopg.connect(first.url) as connection:
        connection.execute("CREATE TABLE kept (id int)")
    killed = kill_server(tmp_path)
    first.close()
    for left_behind in (pid_file(tmp_path), socket_of(first.url).with_suffix(".5432.lock")):
        left_behind.write_text(left_behind.read_text().replace(str(killed), str(stranger.pid)))
    second = EmbeddedPostgres.start(tmp_path)
    with psycopg.connect(second.url) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
    second.close()
    assert not alive or stranger.poll() is None, "nobody else is killed for it"


@pytest.mark.long
def test_a_crashed_server_comes_back_at_the_next_start(tmp_path: Path) -> None:
    first = EmbeddedPostgres.start(tmp_path)
    kill_server(tmp_path)
    second = EmbeddedPostgres.start(tmp_path)
    assert answers(second.url)
    first.close()
    assert answers(second.url)
    second.close()
    assert not answers(second.url)


@pytest.mark.long
def test_a_first_start_that_was_cut_short_is_thrown_away(tmp_path: Path) -> None:
    unfinished = tmp_path / "postgres.new"
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18\n")
    server = EmbeddedPostgres.start(tmp_path)
    assert answers(server.url)
    server.close()
    assert not unfinished.exists()


@pytest.mark.long
@pytest.mark.parametrize(
    ("below", "fits"),
    [
        ("a 'b", True),
        ("long" * 30, False),
        pytest.param('$HOME `id` "c" \\ %s & ;', True, marks=pytest.mark.long),
        pytest.param("\N{SNOWMAN} = ?#@", True, marks=pytest.mark.long),
        pytest.param("a,b", False, marks=pytest.mark.long),
        pytest.param(os.fsdecode(b"\xff"), False, marks=pytest.mark.long),
    ],
    ids=["odd", "long", "shell", "address", "comma", "bytes"],
)
def test_any_folder_will_do(tmp_path: Path, below: str, fits: bool) -> None:
    """Nobody else gets to its socket, which is reached by a link where an address cannot hold its path."""
    server = EmbeddedPostgres.start(tmp_path / below)
    fits = fits and len(os.fsencode(tmp_path / below / "postgres" / ".s.PGSQL.5432")) <= LONGEST_SOCKET
    try:
        assert answers(server.url)
        assert (socket_of(server.url).parent == tmp_path / below / "postgres") == fits
        assert psycopg.conninfo.conninfo_to_dict(as_role_dsn(server.url))["host"] == str(socket_of(server.url).parent)
        assert stat.S_IMODE(socket_of(server.url).stat().st_mode) == 0o700
        assert stat.S_IMODE(socket_of(server.url).parent.stat().st_mode) == 0o700
    finally:
        server.close()


@pytest.mark.long
def test_a_server_that_cannot_start_says_why_and_leaves_nothing_running(tmp_path: Path) -> None:
    EmbeddedPostgres.start(tmp_path).close()
    with (tmp_path / "postgres" / "postgresql.conf").open("a") as settings:
        settings.write("no_such_setting = 1\n")
    with pytest.raises(OperatorMends) as caught:
        EmbeddedPostgres.start(tmp_path)
    assert caught.value.code == "DATABASE_NOT_STARTED"
    assert str(tmp_path / "postgres") in caught.value.message
    assert "configuration file" in caught.value.message
    assert 'unrecognized configuration parameter "no_such_setting"' in caught.value.message
    assert "JOBFERRY_DATABASE_URL" in caught.value.fix
    assert not pid_file(tmp_path).exists()


def test_a_folder_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OperatorMends, match="Not a directory"):
        EmbeddedPostgres.start(tmp_path / "file")
