"""No file of the product is a maze, and no folder a heap."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("core", "ports", "adapters", "plugins")
MOST_LINES = 350
MOST_FILES = 25


def test_no_module_is_too_long() -> None:
    modules = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]
    assert len(modules) > 100
    sizes = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in modules}
    assert not {name: size for name, size in sizes.items() if size > MOST_LINES}


def test_no_folder_has_too_many_files() -> None:
    folders = [ROOT / folder for folder in FOLDERS]
    folders += [path for folder in FOLDERS for path in (ROOT / folder).rglob("*/") if path.name != "__pycache__"]
    assert len(folders) > 30
    counts = {str(path.relative_to(ROOT)): sum(one.is_file() for one in path.iterdir()) for path in folders}
    assert not {name: count for name, count in counts.items() if count > MOST_FILES}
