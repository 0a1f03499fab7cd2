"""Everything that a plugin's process gives up before it loads the plugin."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Collection, Sequence
from itertools import count

from plugins.walls.calls import forbid_calls
from plugins.walls.kernel import forbid_dumps, prctl, syscall
from plugins.walls.landlock import SIGNALS_SINCE, hide, version
from plugins.walls.limits import be_ended_first, limit

_DIE_WITH_PARENT, _DROP_CAPABILITY, _NO_NEW_PRIVILEGES = 1, 24, 38
"""See prctl(2)."""
_SET_CAPABILITIES = {"x86_64": 126, "aarch64": 91}
"""The number of the call `capset`."""
_CAPABILITIES_VERSION = 0x20080522
NO_FILE_WALL = (
    "This system cannot keep a plugin from Jobferry's files and processes (it has no Landlock). "
    "Only install plugins that may know all that Jobferry knows."
)
NO_SIGNAL_WALL = "This system cannot keep a plugin from ending Jobferry's processes (signals: Linux 6.12 can)."
NO_CALL_WALL = (
    "This system cannot keep a plugin from the embedded database's socket, and from changing who may read Jobferry's "
    "files (it has no seccomp filter)."
)


def shut_in(hidden: Collection[str], needed: Collection[str]) -> Sequence[str]:
    """Shut this process in, and all that it starts, for ever; return what this system cannot do, in sentences.

    `hidden` are files and folders that it must not open, `needed` those that it will. Raises OSError where the system
    knows a wall and does not build it: then the plugin must not be loaded.
    """
    limit()
    if sys.platform != "linux":
        return NO_FILE_WALL, NO_CALL_WALL
    be_ended_first()
    _give_up_capabilities()
    prctl(_NO_NEW_PRIVILEGES, 1)
    forbid_dumps()
    prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    hides = hide(_real(hidden), _real(needed))
    signals = version() >= SIGNALS_SINCE or not hides  # the first sentence says it too
    walls = {NO_FILE_WALL: hides, NO_SIGNAL_WALL: signals, NO_CALL_WALL: forbid_calls()}
    return [missing for missing, stands in walls.items() if not stands]


def _give_up_capabilities() -> None:
    """Then root, too, may not look into a process that has more rights."""
    for one in count():
        try:
            prctl(_DROP_CAPABILITY, one)
        except OSError:  # the last one is gone, or we have no right to drop any
            break
    number = _SET_CAPABILITIES.get(os.uname().machine)
    if number is not None:
        header = (ctypes.c_uint32 * 2)(_CAPABILITIES_VERSION, 0)
        syscall(number, ctypes.byref(header), ctypes.byref((ctypes.c_uint32 * 6)()))


def _real(paths: Collection[str]) -> list[str]:
    return [os.path.realpath(path) for path in paths]
