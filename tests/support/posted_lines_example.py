"""The plugin that docs/posted-lines.md shows, and its test, as files."""

from __future__ import annotations

import re
from pathlib import Path

_PAGE = Path(__file__).parents[2] / "docs" / "posted-lines.md"


def write_example(folder: Path) -> Path:
    """Write both into the folder; return the plugin's file."""
    plugin, test = re.findall(r"```python\n(.+?)```", _PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (folder / "test_sandbox_lines.py").write_text(test)
    file = folder / "sandbox_lines.py"
    file.write_text(plugin)
    return file
