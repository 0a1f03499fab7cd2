"""The files of a new plugin: one file with its test and a sample job, or a package of its own with the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from core.model.shared.errors import BadInput, FieldError
from plugins.testkit.new import templates
from plugins.testkit.samples import Sample, make_item, make_job, sample_json

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True)
class NewFile:
    path: Path
    content: bytes


def new_plugin(name: str, folder: Path) -> Iterator[NewFile]:
    """Yield the files of a plugin of one file; writes nothing. Raises BadInput for a bad name or if one exists."""
    rule = f'RULE = Path(__file__).with_name("{name}.py")'
    yield from _free(
        {
            folder / f"{name}.py": _text(templates.RULE, name),
            folder / f"test_{name}.py": _text(templates.TEST, name, imports=templates.KIT, rule=rule),
            folder / f"{name}_job.json": sample_json(_sample()),
        }
    )


def new_package(name: str, folder: Path) -> Iterator[NewFile]:
    """Yield the files of a plugin with its own repository, in a new folder in `folder`. Raises BadInput likewise."""
    root = folder / f"jobferry-{_checked(name).replace('_', '-')}"
    source, tests = root / "src" / f"jobferry_{name}", root / "tests"
    imports = f"{templates.KIT}\n\nfrom jobferry_{name} import {name}"
    yield from _free(
        {
            root / "README.md": _text(templates.README, name),
            root / "pyproject.toml": _text(templates.PROJECT, name),
            root / "ci.sh": _text(templates.CI, name),
            source / "__init__.py": _text(templates.PACKAGE, name),
            source / "py.typed": b"",
            source / f"{name}.py": _text(templates.RULE, name),
            tests / f"test_{name}.py": _text(templates.TEST, name, imports=imports, rule=f"RULE = {name}"),
            tests / f"{name}_job.json": sample_json(_sample()),
        }
    )


def _text(template: str, name: str, **more: str) -> bytes:
    words = {"name": _checked(name), "dashed": name.replace("_", "-"), "title": name.replace("_", " ").capitalize()}
    return template.format(**words, **more).encode()


def _free(files: Mapping[Path, bytes]) -> Iterator[NewFile]:
    if there := [str(path) for path in files if path.exists()]:
        raise BadInput(f"{' and '.join(there)} already exists.", fix="Choose another name, or move the file first.")
    yield from (NewFile(path, content) for path, content in files.items())


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise BadInput(
            f"{name!a} is not a valid plugin name.",
            fix="Use at most 40 lower-case letters, digits and underscores, a letter first.",
            errors=[FieldError("NAME", "lower-case letters, digits and underscores")],
        )
    return name


def _sample() -> Sample:
    items = (make_item(), make_item(id="7002", name="Trip charge", type="fee", code="FEE-TRIP", cost=Decimal("65.00")))
    return Sample(make_job(), items)
