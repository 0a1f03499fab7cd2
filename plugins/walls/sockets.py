"""No sockets of this machine: everybody who opens the embedded database's socket as our user may read all of it.

A filter of the kernel, see seccomp(2). Landlock does not cover sockets in the file system. Sockets of the network stay.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import socket
import struct

from plugins.walls.kernel import prctl

_SET_SECCOMP, _FILTER = 22, 2
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER, _PROCESSOR, _FIRST_ARGUMENT = 0, 4, 16
"""Offsets in `struct seccomp_data`. The low half of the first argument comes first on these processors."""
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000
_OTHER_NUMBERS = 0x40000000
"""From here on, x86 has second numbers for the same calls."""
_IO_URING = 425
"""Makes sockets without the call `socket`."""
_SOCKET = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
"""Processor (AUDIT_ARCH_...) and the number of its call `socket`."""


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def forbid_local_sockets() -> bool:
    """Refuse AF_UNIX sockets to this process and all that it starts, for ever. It must have given up new privileges.
    False where the kernel or processor has no such filter that we know."""
    if platform.machine() not in _SOCKET:
        return False
    program = _program(*_SOCKET[platform.machine()])
    try:
        prctl(_SET_SECCOMP, _FILTER, ctypes.byref(_Program(len(program) // 8, program)))
    except OSError as error:
        if error.errno in (errno.EINVAL, errno.ENOSYS):
            return False
        raise
    return True


def _program(processor: int, call: int) -> bytes:
    refused = _REFUSE | errno.EACCES
    return b"".join(
        struct.pack("=HBBI", code, if_true, if_false, value)
        for code, if_true, if_false, value in (
            (_LOAD, 0, 0, _PROCESSOR),
            (_EQUAL, 0, 7, processor),
            (_LOAD, 0, 0, _NUMBER),
            (_AT_LEAST, 5, 0, _OTHER_NUMBERS),
            (_EQUAL, 4, 0, _IO_URING),
            (_EQUAL, 0, 2, call),
            (_LOAD, 0, 0, _FIRST_ARGUMENT),
            (_EQUAL, 1, 0, socket.AF_UNIX),
            (_RETURN, 0, 0, _ALLOW),
            (_RETURN, 0, 0, refused),
        )
    )
