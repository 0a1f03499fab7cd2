"""Calls of the kernel that a plugin's process may not make: Landlock knows only what is done to contents of files.

- Sockets of this machine: everybody who opens the embedded database's socket as our user may read all of it.
- Who may read a file, whom it belongs to, and to cut one off by its name (Landlock knows this since Linux 6.2).
- Shared memory of System V, with which the embedded database finds out whether another one runs.
- Limits and priorities of other processes: a limit of processor time would end any process of our user.

A filter of the kernel, see seccomp(2). Sockets of the network stay.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import socket
import struct
from collections.abc import Iterator, Mapping

from plugins.walls.kernel import prctl

_SET_SECCOMP, _FILTER = 22, 2
_LOAD, _EQUAL, _AT_LEAST, _AND, _RETURN = 0x20, 0x15, 0x35, 0x54, 0x06
_NUMBER, _PROCESSOR, _FIRST_ARGUMENT, _SECOND_ARGUMENT = 0, 4, 16, 24
"""Offsets in `struct seccomp_data`. The low half of an argument comes first on these processors."""
_ALLOW, _REFUSED = 0x7FFF0000, 0x00050000 | errno.EACCES
_OTHER_NUMBERS = 0x40000000
"""From here on, x86 has second numbers for the same calls."""
_KIND_OF_SOCKET = 0xF
"""The other bits are SOCK_CLOEXEC and SOCK_NONBLOCK."""

_PROCESSORS = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""AUDIT_ARCH_... by processor."""
_NEVER: Mapping[str, tuple[int | None, int | None]] = {
    "io_uring_setup": (425, 425),  # makes sockets without the call `socket`
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, None),
    "lchown": (94, None),
    "fchown": (93, 55),
    "fchownat": (260, 54),
    "truncate": (76, 45),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "setxattrat": (463, 463),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "removexattrat": (466, 466),
    "shmget": (29, 194),
    "shmctl": (31, 195),
    "shmat": (30, 196),
}
"""The numbers of a call on x86_64 and aarch64, None where it has none."""
_FOR_ITSELF_ONLY: Mapping[str, tuple[int, int, int]] = {
    "prlimit64": (302, 261, _FIRST_ARGUMENT),
    "setpriority": (141, 140, _SECOND_ARGUMENT),
    "ioprio_set": (251, 30, _SECOND_ARGUMENT),
    "sched_setparam": (142, 118, _FIRST_ARGUMENT),
    "sched_setscheduler": (144, 119, _FIRST_ARGUMENT),
    "sched_setaffinity": (203, 122, _FIRST_ARGUMENT),
    "sched_setattr": (314, 274, _FIRST_ARGUMENT),
}
"""The same, and the argument that is 0 for the process itself."""
_SOCKET, _PAIR_OF_SOCKETS = (41, 198), (53, 199)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def forbid_calls() -> bool:
    """Refuse these calls to this process and all that it starts, for ever. It must have given up new privileges.
    False where the kernel or processor has no such filter that we know."""
    if platform.machine() not in _PROCESSORS:
        return False
    steps = [struct.pack("=HBBI", *step) for step in _filter(platform.machine())]
    try:
        prctl(_SET_SECCOMP, _FILTER, ctypes.byref(_Program(len(steps), b"".join(steps))))
    except OSError as error:
        if error.errno in (errno.EINVAL, errno.ENOSYS):
            return False
        raise
    return True


_Step = tuple[int, int, int, int]
"""Code, how many steps to leave out if true and if false, value."""
_REFUSE: _Step = (_RETURN, 0, 0, _REFUSED)
_PASS: _Step = (_RETURN, 0, 0, _ALLOW)


def _filter(machine: str) -> Iterator[_Step]:
    place = list(_PROCESSORS).index(machine)
    yield _LOAD, 0, 0, _PROCESSOR
    yield _EQUAL, 1, 0, _PROCESSORS[machine]
    yield _REFUSE
    yield _LOAD, 0, 0, _NUMBER
    yield _AT_LEAST, 0, 1, _OTHER_NUMBERS
    yield _REFUSE
    for numbers in _NEVER.values():
        yield from _if_called(numbers[place], _REFUSE)
    for *numbers_and, argument in _FOR_ITSELF_ONLY.values():
        itself = ((_LOAD, 0, 0, argument), (_EQUAL, 1, 0, 0), _REFUSE, _PASS)
        yield from _if_called(numbers_and[place], *itself)
    local = ((_LOAD, 0, 0, _FIRST_ARGUMENT), (_EQUAL, 0, 1, socket.AF_UNIX), _REFUSE, _PASS)
    yield from _if_called(_SOCKET[place], *local)
    # A pair is closed to others, but with datagrams it sends to every address.
    kind = ((_LOAD, 0, 0, _SECOND_ARGUMENT), (_AND, 0, 0, _KIND_OF_SOCKET))
    yield from _if_called(_PAIR_OF_SOCKETS[place], *kind, (_EQUAL, 1, 0, socket.SOCK_STREAM), _REFUSE, _PASS)
    yield _PASS


def _if_called(number: int | None, *steps: _Step) -> Iterator[_Step]:
    """`steps` for this call; they end with an answer."""
    if number is not None:
        yield _EQUAL, 0, len(steps), number
        yield from steps
