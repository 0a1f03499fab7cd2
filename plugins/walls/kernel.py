"""Calls of the Linux kernel that Python does not offer."""

from __future__ import annotations

import ctypes
import os
import sys
from typing import Any

_SET_DUMPABLE = 4
"""PR_SET_DUMPABLE, see prctl(2)."""
_libc = ctypes.CDLL(None, use_errno=True)


def syscall(number: int, *arguments: Any) -> int:
    """Call the kernel by number; integers are passed as `long`. Raises OSError."""
    given = (ctypes.c_long(one) if isinstance(one, int) else one for one in arguments)
    return _checked(_libc.syscall(ctypes.c_long(number), *given))


def prctl(option: int, *values: Any) -> int:
    """See prctl(2): the arguments that are not given are 0. Raises OSError."""
    given = [ctypes.c_ulong(one) if isinstance(one, int) else one for one in (*values, 0, 0, 0, 0)[:4]]
    return _checked(_libc.prctl(ctypes.c_int(option), *given))


def forbid_dumps() -> None:
    """Close this process's memory, environment and open files in /proc to others of the same user, and write no core
    file. It holds until the process starts another program. Only Linux has this. Raises OSError."""
    if sys.platform == "linux":
        prctl(_SET_DUMPABLE, 0)


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
