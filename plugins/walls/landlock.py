"""Landlock: the process can no longer read or change the hidden files, look into a process outside, or signal one.

Landlock only knows what is allowed. So everything beside the hidden files is allowed, level by level. See landlock(7).
The kernel's own files are only read, and of the devices only harmless ones are open: so are neither settings of other
processes nor the shared memory of the embedded database.
"""

from __future__ import annotations

import ctypes
import errno
import os
import stat
from collections.abc import Collection, Iterator
from contextlib import suppress

from plugins.walls.kernel import syscall

_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446
"""The same numbers on every processor."""
_BENEATH = 1
_WRITE_FILE, _READ_FILE, _TRUNCATE = 1 << 1, 1 << 2, 1 << 14
_REMOVE_AND_MAKE = sum(1 << bit for bit in range(4, 13))
_MOVE = 1 << 13
"""Names of files stay readable, and programs may be started: READ_DIR and EXECUTE are not named here."""
_OF_A_FILE = _WRITE_FILE | _READ_FILE | _TRUNCATE
_SINCE = {1: _WRITE_FILE | _READ_FILE | _REMOVE_AND_MAKE, 2: _MOVE, 3: _TRUNCATE}
"""The rights by the version of Landlock that brought them."""
SIGNALS_SINCE = 6
_ABSTRACT_SOCKETS_AND_SIGNALS = 0b11
_ONLY_READ = ("/proc", "/sys")
"""As root, a plugin could for example name the program that the kernel starts when another one fails."""
_DEVICES = "/dev"
_HARMLESS = tuple(f"{_DEVICES}/{name}" for name in ("null", "zero", "full", "random", "urandom"))


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _Rule(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("beneath", ctypes.c_int32))


def version() -> int:
    """The version of Landlock in this kernel, 0 if there is none. Raises OSError."""
    try:
        return syscall(_CREATE, None, 0, 1)
    except OSError as error:
        if error.errno in (errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM):  # the last by the filter of a container
            return 0
        raise


def hide(hidden: Collection[str], needed: Collection[str] = ()) -> bool:
    """Hide files and folders (real, absolute paths) from this process and all that it starts, for ever. `needed` are
    paths that it will use, in case that a folder above them cannot be listed. False without Landlock. Raises OSError,
    also if a hidden file can be opened afterwards.
    """
    known = version()
    if not known:
        return False
    rights = sum(right for since, right in _SINCE.items() if since <= known)
    scoped = _ABSTRACT_SOCKETS_AND_SIGNALS if known >= SIGNALS_SINCE else 0
    ruleset = syscall(_CREATE, ctypes.byref(_Ruleset(rights, 0, scoped)), 24 if scoped else 8, 0)
    try:
        allowed = dict.fromkeys(_beside("/", frozenset((*hidden, *_ONLY_READ, _DEVICES)), (*hidden, *needed)), rights)
        allowed |= dict.fromkeys(_HARMLESS, _OF_A_FILE & rights) | dict.fromkeys(_ONLY_READ, _READ_FILE)
        for path, what in allowed.items():
            with suppress(OSError):  # gone meanwhile, or of a kind without a path: then it is not allowed
                _allow(ruleset, path, what)
        syscall(_RESTRICT, ruleset, 0)
    finally:
        os.close(ruleset)
    _require_hidden(hidden)
    return True


def _require_hidden(paths: Collection[str]) -> None:
    for path in paths:
        try:
            opened = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            continue  # as it should be, or it is not there
        is_file = stat.S_ISREG(os.fstat(opened).st_mode)  # a folder can be opened: its names are no secret
        os.close(opened)
        if is_file:
            raise OSError(errno.ENOTRECOVERABLE, "a hidden file can still be opened")


def _beside(path: str, hidden: frozenset[str], known: Collection[str]) -> Iterator[str]:
    """The fewest paths beneath `path` that together hold everything but the hidden ones and new files beside them."""
    if path in hidden:
        return
    below = path.rstrip("/") + "/"
    if not any(one.startswith(below) for one in hidden):
        yield path
        return
    try:
        with os.scandir(path) as entries:
            names = [entry.name for entry in entries if not entry.is_symlink()]  # a link is as allowed as its target
    except OSError:
        names = sorted({one.removeprefix(below).partition("/")[0] for one in known if one.startswith(below)})
    for name in names:
        yield from _beside(below + name, hidden, known)


def _allow(ruleset: int, path: str, rights: int) -> None:
    found = os.open(path, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        if not stat.S_ISDIR(os.fstat(found).st_mode):
            rights &= _OF_A_FILE
        syscall(_ADD_RULE, ruleset, _BENEATH, ctypes.byref(_Rule(rights, found)), 0)
    finally:
        os.close(found)
