"""Folders that the server of PostgreSQL, which has a user of its own if root runs the tests, may pass."""

from __future__ import annotations

import tempfile
from pathlib import Path


def let_pass(folder: Path) -> None:
    """pytest closes its own folders for others, also whenever another run begins."""
    for one in (folder, *folder.parents):
        if one == Path(tempfile.gettempdir()):
            return
        one.chmod(0o755)
