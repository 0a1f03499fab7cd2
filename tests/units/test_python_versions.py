"""Each Python that Jobferry says it needs, if this machine has it: our code compiles and the command starts."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FULL = os.environ.get("FAULTS") == "full"
_RUNNING = f"{sys.version_info.major}.{sys.version_info.minor}"
VERSIONS = ("3.11", "3.12", "3.13", "3.14")
_VERSION = "import sys; print('%d.%d' % sys.version_info[:2])"
_COMPILE = """
import importlib, pkgutil, sys
from pathlib import Path
for folder in ("core", "ports", "adapters", "plugins"):
    for file in sorted(Path(folder).rglob("*.py")):
        compile(file.read_bytes(), str(file), "exec")
sys.path.insert(0, ".")
for name in ("core.model", "ports"):  # they need the standard library only
    for module in pkgutil.walk_packages(importlib.import_module(name).__path__, name + "."):
        importlib.import_module(module.name)
"""
_IMPORT = """
import importlib, pkgutil
from typer.main import get_command
from adapters.bootstrap.app import jobferry
from adapters.inbound.cli.deferred import Deferred
for command in get_command(jobferry()).commands.values():
    command.load()
for name in ("core", "ports", "adapters", "plugins"):
    for module in pkgutil.walk_packages(importlib.import_module(name).__path__, name + "."):
        if not module.name.endswith("__main__") and ".migrations." not in module.name:
            importlib.import_module(module.name)
"""
_SOME_TESTS = ("tests/journeys/test_first_sends.py", "tests/journeys/test_items.py")


def _places(version: str) -> Iterator[Path]:
    """Where it may be: what runs this, the PATH, and what a version manager keeps beside it."""
    if version == _RUNNING:
        yield Path(sys.executable)
    for folder in os.get_exec_path():
        if found := shutil.which(f"python{version}", path=folder):
            yield Path(found)
    kept = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    yield from kept.glob(f"{version}.*/bin/python{version}")


def _found(version: str) -> Iterator[Path]:
    for place in _places(version):
        # A name on PATH may belong to a version manager that has no such version switched on.
        said = subprocess.run([place, "-c", _VERSION], capture_output=True, text=True, check=False)
        if said.stdout.strip() == version:
            yield place


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    chosen: str = request.param
    return chosen


@pytest.fixture
def interpreter(version: str) -> Path:
    place = next(_found(version), None)
    return place or pytest.skip(f"this machine has no python{version}")


def _run(*command: str | Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    ended = subprocess.run(command, cwd=ROOT, env=kept, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-3000:]


@pytest.mark.long
def test_all_code_compiles_without_a_warning_and_the_model_is_imported(interpreter: Path) -> None:
    _run(interpreter, "-B", "-W", "error", "-c", _COMPILE)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_the_locked_packages_are_installed_and_carry_jobs_across(
    version: str, interpreter: Path, tmp_path: Path
) -> None:
    """It needs a package index, and says so where there is none. Nothing is compiled: every pin must have a wheel."""
    if interpreter == Path(sys.executable):
        pytest.skip("all other tests run on this one")
    if not FULL and any(next(_found(later), None) for later in VERSIONS[VERSIONS.index(version) + 1 :]):
        pytest.skip("a later one is tried; all with FAULTS=full")
    _run(interpreter, "-m", "venv", tmp_path / "venv")
    python = tmp_path / "venv" / "bin" / "python"
    pip = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:")
    # pip would compile all of every package, and none of ours; this compiles what is imported, once.
    own = (python, "-X", f"pycache_prefix={tmp_path / 'compiled'}")
    lock = ("--require-hashes", "--requirement", "requirements-dev.lock")
    installed = subprocess.run([*pip, "--no-compile", *lock], cwd=ROOT, capture_output=True, text=True, check=False)
    if "Could not find a version that satisfies" in installed.stderr and "(from versions: none)" in installed.stderr:
        pytest.skip(f"no package index in reach: {installed.stderr.strip().splitlines()[-1]}")
    assert installed.returncode == 0, installed.stderr[-3000:]
    _run(*own, "-c", _IMPORT)
    _run(*own, "-m", "adapters.bootstrap", "--help")
    _run(*own, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "not long", *_SOME_TESTS)


def test_every_place_names_the_same_versions() -> None:
    first, last = VERSIONS[0], VERSIONS[-1]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    minor = int(last.partition(".")[2])
    assert project["project"]["requires-python"] == f">={first},<3.{minor + 1}"
    assert project["tool"]["mypy"]["python_version"] == first
    for name in ("README.md", "Makefile", "docs/decisions/0007-pins.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        said = re.findall(r"(?:Python|pins for Python) (3\.\d+ to 3\.\d+)", text)
        assert set(said) == {f"{first} to {last}"}, name
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert f"{tuple(map(int, first.split('.')))} <= v <= {tuple(map(int, last.split('.')))} or" in makefile
