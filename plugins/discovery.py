"""Finds plugins: installed ones by their entry point, single files in a folder. Finding a plugin does not run it."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

GROUP = "jobferry"
"""The group of the entry points."""


@dataclass(frozen=True, slots=True)
class Source:
    """A plugin before loading. `label` is for people, `load` for its process; `entry` is its entry point or ''.
    `known_as` is what the operator can check, see `trust_name`; '' for a plugin that cannot be trusted."""

    label: str
    load: str
    entry: str = ""
    known_as: str = ""


def sources(folder: Path | None = None) -> Iterator[Source]:
    """Return the installed plugins, then the files in `folder`, each sorted by name."""
    from importlib.metadata import entry_points  # noqa: PLC0415 - the process of a file needs none of it

    for point in sorted(entry_points(group=GROUP), key=lambda one: (one.name, one.value)):
        of = f"{point.dist.name} {point.dist.version}" if point.dist else "an unknown distribution"
        known_as = _distribution(point.dist.name) if point.dist else ""
        yield Source(f"{of}, entry point {point.name}", f"entry:{point.value}", point.name, known_as)
    if folder is not None and folder.is_dir():
        for file in sorted(folder.glob("*.py")):
            if not file.name.startswith(("_", "test_", "conftest")):
                yield Source(str(file), f"file:{file.resolve()}", known_as=file.name)


def trust_name(written: str) -> str:
    """How `Source.known_as` has an entry of `trusted_plugins`: the name of a file in the plugins folder (`near.py`), or
    of an installed distribution. Never the name that a plugin gives itself, which any plugin can choose."""
    return written if written.endswith(".py") else _distribution(written)


def _distribution(name: str) -> str:
    """The name as all tools compare it, so without a dot: never that of a file."""
    return re.sub(r"[-_.]+", "-", name).lower()


def load(how: str) -> object:
    """Load a source by its `load`: a module, or the target of an entry point. Raises what the import raises."""
    kind, _, what = how.partition(":")
    if kind == "file":
        return _load_file(Path(what))
    from importlib.metadata import EntryPoint  # noqa: PLC0415 - nor of this, and starts sooner

    return EntryPoint("", what, GROUP).load()


def _load_file(file: Path) -> ModuleType:
    """Load under a unique name, so that it shadows no other module."""
    name = f"jobferry_plugin_{re.sub(r'[^0-9A-Za-z_]', '_', file.stem)}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look up a class's module here
    spec.loader.exec_module(module)
    return module
