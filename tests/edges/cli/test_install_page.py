"""docs/install.md and what docs/operators.md says of backups, typed as they are written."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.outbound.vault.master_key import text_of
from tests.support.own_server import OwnServer, own_server
from tests.support.page_blocks import ROOT, Reader, reader
from tests.support.release_scene import machine, release, sign_in
from tests.support.released.load import RELEASED, load_release
from tests.support.released.scene import ITEMS
from tests.support.storage_scene import MASTER_KEY

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

INSTALL, OPERATORS = "docs/install.md", "docs/operators.md"
_UNITS = "jobferry-serve jobferry-worker@1 jobferry-worker@2"


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return release(tmp_path_factory.mktemp("released") / "release")


def test_the_wheel_holds_every_file_of_the_packages(released: Path) -> None:
    [wheel] = released.glob("*.whl")
    listed = ["git", "ls-files", "core", "ports", "adapters", "plugins"]
    ours = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True)
    there = [name for name in ours.stdout.splitlines() if (ROOT / name).exists()]
    expected = {name.removeprefix("plugins/authors/") for name in there}
    assert expected <= set(zipfile.ZipFile(wheel).namelist())
    assert len(expected) > 700


@pytest.fixture
def folder() -> Iterator[Path]:
    """One that the embedded server's user may pass. pytest's own are closed whenever another run begins."""
    with tempfile.TemporaryDirectory(prefix="jobferry-install-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def one_machine(folder: Path, released: Path) -> Iterator[Reader]:
    environment, places = machine(folder, released)
    port = {"JOBFERRY_PORT": places["8480"]}
    with reader(folder / "release", {**environment, **port}, places) as typing:
        yield typing


def test_on_one_machine_the_page_leads_from_nothing_to_a_signed_in_console(one_machine: Reader) -> None:
    said = one_machine.follow(INSTALL, "one machine")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f"jobferry {project['version']}\n" in said
    address, page = sign_in(said.splitlines()[-1])
    assert address == "/operator"
    assert "Add the first one" in page


@pytest.fixture
def database() -> Iterator[OwnServer]:
    with own_server(fsync="on") as server:
        yield server


@pytest.fixture
def server(folder: Path, released: Path, database: OwnServer) -> Iterator[Reader]:
    environment, places = machine(folder, released, database.sockets)
    with reader(folder / "release", environment, places) as typing:
        try:
            yield typing
        finally:
            typing.say(f"systemctl stop {_UNITS}")


def test_on_a_server_the_pages_lead_from_nothing_to_a_backup_that_is_restored_and_an_upgrade(
    server: Reader, database: OwnServer
) -> None:
    said = server.follow(INSTALL, "operator")
    address, _ = sign_in(re.findall(r"http://\S+/sign-in/\S+", said)[0])
    assert address == "/operator"
    assert "2 alive" in said
    sent = sends(server)
    assert [one["state"] for one in sent] == ["sent"]

    server.follow(OPERATORS, "operator")
    assert "jobferry_restored" in server.say("cat /etc/jobferry/environment")
    assert (ready(server), sends(server)) == (3, sent)
    [connection] = json.loads(server.say("jobferry connections list --tenant trial --json"))["items"]
    assert connection["items_hold"]

    go_back_to_the_former_release(server, database)
    server.follow(INSTALL, "operator upgrades")
    assert ready(server) == 3
    assert len(sends(server, "cardinal")) == len(ITEMS)
    assert server.say("ls /var/lib/jobferry/backups").startswith(f"schema-{RELEASED}-")


def go_back_to_the_former_release(server: Reader, database: OwnServer) -> None:
    """Give this installation the database and the key that one of the former release has."""
    database.run("CREATE DATABASE jobferry_former OWNER jobferry TEMPLATE template0", "ALTER ROLE jobferry SUPERUSER")
    load_release(database.url("jobferry_former", "jobferry"))
    database.run("ALTER ROLE jobferry NOSUPERUSER")
    server.say(f"""sed --in-place 's|@/jobferry_restored?|@/jobferry_former?|' /etc/jobferry/environment
        rm --recursive /var/lib/jobferry/intents
        echo {text_of([MASTER_KEY]).strip()} > /var/lib/jobferry/encryption.key""")


def ready(server: Reader) -> int:
    """How many processes say that they can work: `serve` and two workers."""
    asked = (f"curl --silent --fail --output /dev/null http://127.0.0.1:{port}/readyz" for port in (8480, 8481, 8482))
    return sum(1 for one in asked if server.say(one) == "")


def sends(server: Reader, tenant: str = "trial") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(server.say(f"jobferry sends list --tenant {tenant} --json"))["items"]
    return found
