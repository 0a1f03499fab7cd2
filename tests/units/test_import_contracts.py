"""The dependency line of the house and the order of its rooms, proved: a wrong import anywhere makes this red."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.long  # `make test` runs the linter itself

ROOT = Path(__file__).parents[2]


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    linter = str(Path(sys.executable).with_name("lint-imports"))
    command = [linter, "--config", str(ROOT / "pyproject.toml"), "--no-cache"]
    return subprocess.run(command, cwd=root, env={"PYTHONPATH": str(root)}, capture_output=True, text=True, check=False)


def test_import_contracts_hold() -> None:
    result = lint_imports(ROOT)
    assert result.returncode == 0, result.stdout
    assert "Contracts: 8 kept, 0 broken." in result.stdout


@pytest.mark.parametrize(
    ("file", "wrong", "broken"),
    [
        ("core/model/shared/figures.py", "core.model.sending.send", "The rooms of the model"),
        ("core/services/planning/plan_send.py", "core.services.sending.request_send", "The rooms of the services"),
        ("core/model/planning/draft.py", "core.model.planning.fold", "No circle between siblings"),
        ("adapters/inbound/cli/commands/jobs.py", "adapters.inbound.api.routes", "The rooms of the inbound adapters"),
        ("ports/clock.py", "core.services.planning.plan_send", "One straight dependency line"),
    ],
)
def test_a_wrong_import_is_found(tmp_path: Path, file: str, wrong: str, broken: str) -> None:
    for package in ("core", "ports", "adapters", "plugins"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / file).open("a") as source:
        source.write(f"import {wrong}\n")
    result = lint_imports(tmp_path)
    assert result.returncode == 1
    assert f"{broken} BROKEN" in result.stdout
