"""How much memory, how many processes and files, and how large a file a plugin may have."""

from __future__ import annotations

import os
import resource
import threading
from contextlib import suppress
from pathlib import Path

MOST_MEMORY = 1 << 30
"""Bytes of address space, for each process that it starts, too."""
MOST_FILES = 256
LARGEST_FILE = 64 << 20
MOST_MORE_TASKS = 256
"""Processes and threads that may be started beside those that the user already has."""


def limit() -> None:
    """Limit this process and all that it starts. What the system does not support stays without a limit."""
    for kind, most in (
        (resource.RLIMIT_AS, MOST_MEMORY),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, MOST_FILES),
        (resource.RLIMIT_FSIZE, LARGEST_FILE),
    ):
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, most))
    with suppress(ValueError, OSError):
        _limit_tasks()


def be_ended_first() -> None:
    """If the machine or its container has no memory left, the kernel ends this process before Jobferry and its
    database, and all that it starts. Linux only."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def _limit_tasks() -> None:
    """The system counts all tasks of the user. It may know more of them than we see, for example of other containers:
    then no limit is better than one that lets nothing start."""
    _, before = resource.getrlimit(resource.RLIMIT_NPROC)
    most = _tasks_of(os.getuid()) + MOST_MORE_TASKS
    if before != resource.RLIM_INFINITY and before <= most:
        return
    resource.setrlimit(resource.RLIMIT_NPROC, (most, before))
    try:
        trial = threading.Thread(target=int)
        trial.start()
    except RuntimeError:
        resource.setrlimit(resource.RLIMIT_NPROC, (before, before))
        return
    trial.join()
    resource.setrlimit(resource.RLIMIT_NPROC, (most, most))


def _tasks_of(user: int) -> int:
    """How many processes and threads of a user we see."""
    found = 0
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended meanwhile
            if process.stat().st_uid == user or process.name == str(os.getpid()):
                found += len(os.listdir(process / "task"))
    return found
