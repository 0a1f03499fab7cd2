"""The author's path in docs/plugins.md, its code blocks run as they are written: from nothing to a packaged rule that
decides a send. pip takes its packages from the tests' own environment, so that no network is needed."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.page_blocks import ROOT, blocks

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]

READY = "Ctrl-C ends it."
ENDED = "the block ended with"


class Terminal:
    """A shell that stays open, as a block of the page goes on where the one before it ended. A command that fails ends
    it."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._shell = subprocess.Popen(
            ["bash", "-eu"],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, block: str, until: str = ENDED) -> str:
        assert self._shell.stdin
        assert self._shell.stdout
        self._shell.stdin.write(f"{block}\necho '{ENDED}' 0\n")
        self._shell.stdin.flush()
        told: list[str] = []
        for line in self._shell.stdout:
            if until in line:
                return "".join(told)
            told.append(line)
        raise AssertionError(f"it failed:\n{block}\n{''.join(told)}")

    def close(self) -> None:
        os.killpg(self._shell.pid, signal.SIGINT)
        self._shell.communicate(timeout=60)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which pip finds Jobferry's wheel, and Python everything else that it needs."""
    folder = tmp_path_factory.mktemp("shelf")
    (others := folder / "others").mkdir()
    for path in Path(sysconfig.get_path("purelib")).iterdir():
        if "jobferry" not in path.name and path.suffix != ".pth":
            (others / path.name).symlink_to(path)
    source = folder / "source"
    for name in ("core", "ports", "adapters", "plugins"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    build = (sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index")
    subprocess.run([*build, "--wheel-dir", str(folder), str(source)], check=True, capture_output=True)
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return kept | {
        "PYTHONPATH": str(others),
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(folder),
        "PIP_NO_DEPS": "1",
        "PIP_NO_BUILD_ISOLATION": "0",  # pip reads it the other way round: without isolation
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "MYPY_CACHE_DIR": str(folder / "mypy"),
        "COLUMNS": "200",
        # A plugin of pytest that is installed here for other tests must not change those of the author.
        "PYTEST_ADDOPTS": "-p no:asyncio -p no:schemathesis -p no:cacheprovider",
    }


@pytest.fixture
def terminals(shelf: dict[str, str], tmp_path: Path) -> Iterator[dict[str, Terminal]]:
    made = {number: Terminal(tmp_path, shelf) for number in "123"}
    yield made
    for one in made.values():
        one.close()


def test_the_authors_path_runs_as_it_is_written(terminals: dict[str, Terminal], tmp_path: Path) -> None:
    path = blocks("docs/plugins.md", "author")
    told, demo = "", ""
    for block in path:
        if block.keeps_running:
            demo = terminals[block.terminal].run(block.text, READY)
            control = re.search(r"ServiceTrade at \S+, its control port at (http://\S+)", demo)
            assert control, demo
            terminals["2"].run(f"export SERVICETRADE={control[1]}")
        else:
            told += terminals[block.terminal].run(block.text)
    assert len(path) == 8
    assert demo, "the demo was started"
    words = " ".join(told.split())
    for expected in (
        "3 passed",
        "Success: no issues found",
        "All is well.",
        "1 of 1 jobs would change, 0 would fail. Nothing was sent.",
        "Priority_Code 2 the job is a repair (plugin west 0.1)",
        "Work order T104482 is in Spectrum North, and its number is on the job in ServiceTrade.",
        "west 0.1 (configuration",
        "west 0.1: Sets the priority of one type of job.",
        "This would create work order T900001",
        "FEE-TRIP",
    ):
        assert expected in words, f"{expected}\n{told}"
    example = ROOT / "docs" / "example-plugin"
    told = terminals["3"].run(f"cp -r {example} ../ci\ncd ../ci\nsh ci.sh\njobferry plugins list")
    assert "3 passed" in told
    assert "All is well." in told
    assert re.search(r"west +0\.1 +Sets the priority.+jobferry-west 0\.1, entry point west", told), told
    assert (tmp_path / "ci" / "dist" / "jobferry_west-0.1-py3-none-any.whl").exists()
    assert (tmp_path / "jobferry-west" / "dist" / "jobferry_west-0.1-py3-none-any.whl").exists()
