"""A disk that a test can fill, and free again."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

_PIECE = b"\0" * 65536


@dataclass(frozen=True, slots=True)
class SmallDisk:
    folder: Path

    def fill(self) -> None:
        """Until not one byte more can be written."""
        with (self.folder / "ballast").open("ab", buffering=0) as ballast:
            for size in (len(_PIECE), 4096, 1):
                try:
                    while ballast.write(_PIECE[:size]):
                        pass
                except OSError:
                    continue

    def free(self) -> None:
        (self.folder / "ballast").unlink(missing_ok=True)


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[SmallDisk]:
    folder.mkdir(mode=0o755)
    mounted = subprocess.run(
        ("mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "jobferry-test", str(folder)),
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("LEFT OUT: a small disk needs the right to mount one")
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(("umount", "--lazy", str(folder)), check=True)
