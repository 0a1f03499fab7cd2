"""What runs is installed from one lock, what tests need besides from another: same versions, and nothing is missing."""

from __future__ import annotations

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]
OURS = ("core", "ports", "adapters", "plugins")
FOR_AUTHORS = ROOT / "plugins" / "testkit"
"""It needs the extra `authors`, and nothing else imports that."""


def pins(name: str) -> dict[str, str]:
    found = re.findall(r"^([a-z0-9._-]+)==([^ ;\\]+)", (ROOT / name).read_text(), re.MULTILINE)
    return dict(found)


def imported(folder: Path) -> set[str]:
    names: set[str] = set()
    for file in folder.rglob("*.py"):
        if file.is_relative_to(FOR_AUTHORS):
            continue
        for node in ast.walk(ast.parse(file.read_bytes())):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.split(".")[0])
    return names - sys.stdlib_module_names - {*OURS, "_typeshed"}


def test_both_locks_name_the_same_versions() -> None:
    running, all_of_it = pins("requirements.lock"), pins("requirements-dev.lock")
    assert running.items() < all_of_it.items()
    assert {"pytest", "mypy", "ruff", "playwright"}.isdisjoint(running)


def test_what_the_product_imports_is_in_the_lock_of_what_runs() -> None:
    of_module = packages_distributions()
    locked = {name.replace("_", "-") for name in pins("requirements.lock")}
    missing = {
        module
        for folder in OURS
        for module in imported(ROOT / folder)
        if not {one.lower().replace("_", "-") for one in of_module.get(module, [])} & locked
    }
    assert missing == set()
