"""Private folders for a short time."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PARENTS = ("/tmp", "/var/tmp", "/dev/shm")  # noqa: S108 - what is made there is private
"""Fixed: TMPDIR may be too long for a socket, or hold letters with a meaning."""


@contextmanager
def scratch_folder(*first: Path) -> Iterator[Path]:
    """Make a folder in the first of the usual places that can be written to, `first` before them, and remove it at the
    end. Raises OSError if there is none."""
    parents = (*first, *map(Path, _PARENTS))
    parent = next((each for each in parents if os.access(each, os.W_OK | os.X_OK)), None)
    if parent is None:
        raise FileNotFoundError(f"none of these folders can be written to: {', '.join(map(str, parents))}")
    with tempfile.TemporaryDirectory(prefix="jobferry-", dir=parent) as made:
        yield Path(made)
