"""What `jobferry doctor` sees of the machine: workers, room on the disk, and who can read the encryption key."""

from __future__ import annotations

import shutil
from pathlib import Path

from adapters.outbound.postgres.due_work import STALLED_SECONDS, workers_alive
from core.model.shared.check_step import CheckState, CheckStep

_GIGABYTE = 1_000_000_000
_TOO_LITTLE = 0.2
_LITTLE = 2.0
_OTHERS = 0o007
_WORKER_FIX = (
    "Start one: `jobferry serve`, or `jobferry worker` on any machine that reaches the database.",
    "If one should run, its log says why it ended.",
)


async def somebody_works(url: str) -> CheckStep:
    """Whether a worker has told the database lately that it lives. Raises OperatorMends (DATABASE_UNREACHABLE)."""
    if alive := await workers_alive(url):
        return CheckStep("worker", CheckState.OK, f"{alive} alive")
    detail = f"none runs (no heartbeat in the last {STALLED_SECONDS:g} seconds), so nothing is sent: sends wait"
    return CheckStep("worker", CheckState.FAILED, detail, "WORKER_MISSING", _WORKER_FIX)


def room_on_the_disk(folder: Path) -> CheckStep:
    """Whether the folder's disk has room for days. The first folder above it that exists tells."""
    there = next(one for one in (folder, *folder.parents) if one.exists())
    free = shutil.disk_usage(there).free / _GIGABYTE
    detail = f"{free:,.1f} GB free for {folder}"
    if free < _TOO_LITTLE:
        fix = ("Free space, or move the data folder: stop Jobferry, move it, and set JOBFERRY_DATA_DIR.",)
        return CheckStep("disk", CheckState.FAILED, detail, "DISK_FULL", fix)
    if free < _LITTLE:
        return CheckStep("disk", CheckState.UNKNOWN, f"{detail}, which is little", fix=("Free space soon.",))
    return CheckStep("disk", CheckState.OK, detail)


def readable_by_others(key_file: Path) -> bool:
    """Whether every user of this machine can read or change the key file."""
    try:
        return bool(key_file.stat().st_mode & _OTHERS)
    except OSError:
        return False
