"""A worker in a process of its own, as `jobferry worker` starts it."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from adapters.bootstrap.settings import Settings

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@asynccontextmanager
async def worker_process(settings: Settings, concurrency: int) -> AsyncIterator[int]:
    """Yield its process id once it has opened the installation. It ends by SIGTERM at the end of the block."""
    networks = ",".join(f'"{network}"' for network in settings.allowed_networks)
    own = {
        "JOBFERRY_ALLOWED_NETWORKS": f"[{networks}]",
        "JOBFERRY_SPECTRUM_CALLS_AT_ONCE": str(settings.spectrum_calls_at_once),
        "JOBFERRY_LOG_LEVEL": "error",
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "adapters.bootstrap", "--data-dir", str(settings.data_dir)),
        *("worker", "--concurrency", str(concurrency)),
        env={**os.environ, **own},
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout
        if b"at the same time" not in await process.stdout.readline():
            raise RuntimeError("the worker ended before it was ready")
        yield process.pid
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


def resident_bytes(pid: int) -> int:
    """The resident memory of a process (Linux)."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE_BYTES
