"""What a process of the checks tells the runner, apart from what the plugin writes."""

from __future__ import annotations

import os
import sys
from typing import TextIO


def private_output() -> TextIO:
    """Return the runner's pipe, and connect standard output to /dev/null: a plugin may print when it is imported, and
    other libraries write past Python's print."""
    sys.stdout.flush()
    output = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.close(nothing)
    return output
