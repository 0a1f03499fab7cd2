"""Writes docs/example-plugin, which is what `jobferry plugins new west --package` makes:
`python -m docs.generate.example_plugin`, from the root."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from plugins.testkit.new import new_package

FOLDER = Path(__file__).parents[1] / "example-plugin"


def files() -> Mapping[str, bytes]:
    """Path in the folder to content."""
    nowhere = Path("new")
    return {
        file.path.relative_to(nowhere / "jobferry-west").as_posix(): file.content
        for file in new_package("west", nowhere)
    }


if __name__ == "__main__":
    for name, content in files().items():
        path = FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
