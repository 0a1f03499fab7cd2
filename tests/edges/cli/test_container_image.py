"""The Containerfile and the compose file, played on this machine: see tests/support/container.py."""

from __future__ import annotations

import os
import re
import signal
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.container import Container, Image
from tests.support.own_server import OwnServer, own_server
from tests.support.page_blocks import ROOT
from tests.support.release_scene import release

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docs" / "deploy" / "compose.yaml").read_text())

PEOPLE = (
    ["people", "add", "you@example.com", "--name", "You", "--operator"],
    ["people", "link", "you@example.com", "--operator"],
)


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    """In a folder through which the image's user may pass."""
    with tempfile.TemporaryDirectory(prefix="jobferry-image-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield Image.build(folder, release(folder / "release"))


@pytest.fixture
def data() -> Iterator[Path]:
    """The volume, as a new one is: a copy of the image's folder, with its owner."""
    with tempfile.TemporaryDirectory(prefix="jobferry-data-", ignore_cleanup_errors=True) as name:
        os.chown(name, 10001, 10001)
        yield Path(name)


@pytest.fixture
def server() -> Iterator[OwnServer]:
    with own_server() as one:
        one.run("CREATE ROLE jobferry_app NOLOGIN", "CREATE ROLE jobferry LOGIN IN ROLE jobferry_app")
        one.run("CREATE DATABASE jobferry OWNER jobferry ENCODING UTF8 TEMPLATE template0")
        yield one


def settings(service: str) -> dict[str, str]:
    """Those of the compose file, with the database at a socket instead of a name in the network of containers."""
    told: dict[str, str] = COMPOSE["services"][service]["environment"]
    address = "postgresql://jobferry@/jobferry?host=/sockets"
    return {
        name: re.sub(r"^postgresql://.*", address, value).replace("${SITE_ADDRESS:?}", "jobferry.example.com")
        for name, value in told.items()
    }


def listens(container: Container) -> bool:
    """Whether it says so before it ends."""
    assert container.process.stdout
    return any("://0.0.0.0:8480" in line for line in container.process.stdout)


def test_every_part_of_the_compose_file_runs_with_a_read_only_root_as_a_user_without_rights(
    image: Image, data: Path, server: OwnServer
) -> None:
    assert (image.root / "data").stat().st_uid == 10001
    volumes = [f"{data}:/data", f"{server.sockets}:/sockets"]
    with image.running(COMPOSE["services"]["init"]["command"], volumes, **settings("init")) as init:
        log, _ = init.process.communicate(timeout=120)
    assert (init.process.returncode, "is up to date" in log, "\njf_" in log) == (0, True, True), log

    with ExitStack() as stack:
        parts = ("serve", "worker", "worker")
        running = [
            stack.enter_context(image.running(COMPOSE["services"][part]["command"], volumes, **settings(part)))
            for part in parts
        ]
        assert all(listens(one) for one in running)
        for one in running:
            checked = one.run(image.file.health_check)
            assert checked.returncode == 0, checked.stderr
            status = Path(f"/proc/{one.first_process}/status").read_text()
            assert re.search(r"^Uid:\t10001\t10001\t10001\t10001$", status, re.MULTILINE)
            assert re.search(r"^CapEff:\t0+$", status, re.MULTILINE)
            assert one.run(["touch", "/opt/jobferry/x", "/usr/x", "/x"]).stderr.count("Read-only file system") == 3
        added = running[0].run(
            ["jobferry", "people", "add", "you@example.com", "--name", "You", "--operator"], **settings("serve")
        )
        assert added.returncode == 0, added.stderr
        link = running[0].run(["jobferry", "people", "link", "you@example.com", "--operator"], **settings("serve"))
        assert link.stdout.startswith("https://jobferry.example.com/sign-in/")
        for one in running:
            os.kill(one.first_process, signal.SIGTERM)
        for one in running:
            log, _ = one.process.communicate(timeout=90)
            assert one.process.returncode == 0, log
    assert {one.name for one in data.iterdir()} <= {"encryption.key", "intents"}


def test_without_compose_one_container_has_a_database_of_its_own(image: Image, data: Path) -> None:
    volumes = [f"{data}:/data"]
    with image.running(["init"], volumes) as init:
        told, _ = init.process.communicate(timeout=120)
    assert init.process.returncode == 0, told
    with image.running(["serve"], volumes) as serve:
        assert listens(serve)
        assert serve.run(image.file.health_check).returncode == 0
        for command in PEOPLE:
            done = serve.run(["jobferry", *command])
            assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("http://127.0.0.1:8480/sign-in/")
        os.kill(serve.first_process, signal.SIGTERM)
        log, _ = serve.process.communicate(timeout=90)
        assert serve.process.returncode == 0, log
    with image.running(["serve"], volumes) as again:
        assert listens(again)


def test_the_health_check_fails_while_nothing_answers(image: Image) -> None:
    with image.running(["sandbox", "spectrum"], []) as other:
        assert other.process.stdout
        assert "spectrum listens" in other.process.stdout.readline()
        assert other.run(image.file.health_check).returncode == 1
