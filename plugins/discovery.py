"""Where plugins are: installed ones by their entry point, single files in a folder. Nothing of them runs in here."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType

GROUP = "jobferry"
"""The entry points' group."""


@dataclass(frozen=True, slots=True)
class Source:
    """One plugin, not loaded yet. `label` is for people, `load` for the process that will run it; `entry` is the name
    of its entry point, '' for a file."""

    label: str
    load: str
    entry: str = ""


def sources(folder: Path | None = None) -> Iterator[Source]:
    """Installed plugins, then the files of `folder`, each by name."""
    for point in sorted(entry_points(group=GROUP), key=lambda one: (one.name, one.value)):
        of = f"{point.dist.name} {point.dist.version}" if point.dist else "an unknown distribution"
        yield Source(f"{of}, entry point {point.name}", f"entry:{point.value}", point.name)
    if folder is not None and folder.is_dir():
        for file in sorted(folder.glob("*.py")):
            if not file.name.startswith(("_", "test_", "conftest")):
                yield Source(str(file), f"file:{file.resolve()}")


def load(how: str) -> object:
    """What a source's `load` names: a module, or whatever its entry point points at. Raises whatever that raises."""
    kind, _, what = how.partition(":")
    if kind == "file":
        return _load_file(Path(what))
    return EntryPoint("", what, GROUP).load()


def _load_file(file: Path) -> ModuleType:
    """Under a name of its own, so that it shadows nothing."""
    name = f"jobferry_plugin_{re.sub(r'[^0-9A-Za-z_]', '_', file.stem)}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # where dataclasses look a class's module up
    spec.loader.exec_module(module)
    return module
