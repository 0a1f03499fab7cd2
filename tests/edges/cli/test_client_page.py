"""docs/client/README.md, typed as it is written: from nothing to a sent job with the client."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.support.ports import free_port
from tests.support.page_blocks import ROOT, Reader, blocks, reader
from tests.support.release_scene import PYTHON_SHIM, packages_of_the_test

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]

PAGE = "docs/client/README.md"
_PORTS = ("8480", "9101", "9102")


@pytest.fixture
def caller(tmp_path: Path) -> Iterator[Reader]:
    """A folder with the client's source, `jobferry`, and a pip that downloads nothing."""
    left_out = shutil.ignore_patterns("__pycache__", "build", "*.egg-info")
    shutil.copytree(ROOT / "docs" / "client", tmp_path / "docs" / "client", ignore=left_out)
    shim = tmp_path / "shims" / "python3"
    shim.parent.mkdir()
    packages = packages_of_the_test(tmp_path / "packages")
    base = Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    shim.write_text(PYTHON_SHIM.format(python=base, packages=packages))
    shim.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JOBFERRY_", "PG"))}
    path = f"{shim.parent}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    pip = {"PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    environment = {**kept, **pip, "PATH": path, "PYTHONPATH": str(ROOT), "HOME": str(tmp_path), "COLUMNS": "200"}
    with reader(tmp_path, environment, {port: str(free_port()) for port in _PORTS}) as typing:
        yield typing


def test_the_page_leads_from_nothing_to_a_sent_job(caller: Reader) -> None:
    said = []
    for block in blocks(PAGE, "caller"):
        # The program of a caller finds the installed client, not the source beside the test.
        text = block.text.replace("jobferry-caller/bin/python ", "PYTHONPATH= jobferry-caller/bin/python ")
        said.append(caller.type(type(block)(text, block.keeps_running)))
    first, then = said[-2:]
    assert "would send: T104482 sendable: True\n" in first
    assert re.search(r"^send: sent T104482 \S", first, re.MULTILINE)
    assert re.search(r"^104482 sent$", then, re.MULTILINE)
    assert re.search(r"^999999 JOB_NOT_FOUND Check the number", then, re.MULTILINE)
    assert len(re.findall(r"^snd_\S+ sent ", then, re.MULTILINE)) == 2


def test_the_programs_of_the_page_are_typed(tmp_path: Path) -> None:
    """By the types that an installed client has, as strictly as mypy can."""
    text = (ROOT / PAGE).read_text(encoding="utf-8")
    programs = re.findall(r"<<'END'\n(.*?)^END$", text, re.DOTALL | re.MULTILINE)
    programs += re.findall(
        r"^```python\n(from jobferry_client import Jobferry.*?)^```$", text, re.DOTALL | re.MULTILINE
    )
    assert len(programs) == 3
    for number, program in enumerate(programs):
        (tmp_path / f"program_{number}.py").write_text(program)
    wrong = (
        'from jobferry_client import Jobferry\nJobferry("https://a.example", "jf_x").request_send("t", {"job": "1"})\n'
    )
    (tmp_path / "wrong.py").write_text(wrong)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", "cache", "."],
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": str(ROOT / "docs" / "client")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert {line.partition(":")[0] for line in done.stdout.splitlines() if ": error" in line} == {"wrong.py"}, (
        done.stdout
    )
