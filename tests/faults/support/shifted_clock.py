"""A time of day that a test sets for the processes that it starts, as somebody does who sets the machine's clock."""

from __future__ import annotations

import shutil
import struct
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

_SOURCE = Path(__file__).with_suffix(".c")


@dataclass(frozen=True, slots=True)
class ShiftedClock:
    """`environment` is for processes that are started with it."""

    file: Path
    library: Path

    @property
    def environment(self) -> Mapping[str, str]:
        return {"LD_PRELOAD": str(self.library), "CLOCK_SHIFT": str(self.file)}

    def set(self, hours: float) -> None:
        """So far ahead of the real time, for all of them at once."""
        with self.file.open("r+b", buffering=0) as file:
            file.write(struct.pack("q", round(hours * 3600)))


def shifted_clock(folder: Path) -> ShiftedClock:
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("LEFT OUT: a clock that is set needs a C compiler")
    clock = ShiftedClock(folder / "shift", folder / "shifted_clock.so")
    clock.file.write_bytes(struct.pack("q", 0))
    clock.file.chmod(0o644)
    command = (compiler, "-shared", "-fPIC", "-O2", "-o", str(clock.library), str(_SOURCE), "-ldl")
    subprocess.run(command, check=True)
    return clock
