"""The CPU of commands as whole processes, and the start of the server."""

from __future__ import annotations

import asyncio
import re
import resource
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import aiohttp

from adapters.bootstrap.database import open_database
from adapters.bootstrap.load_settings import load_settings
from tests.bench.installation import installation
from tests.bench.row import Row, Sides, added
from tests.bench.rows.history import furnished

JOBFERRY = ("-m", "adapters.bootstrap")
SENDS = 50


@asynccontextmanager
async def help_opened(_: int) -> AsyncIterator[dict[str, Sides]]:
    yield {"": Sides(partial(cpu, "-c", "pass"), partial(cpu, *JOBFERRY, "--help"))}


@asynccontextmanager
async def list_opened(_: int) -> AsyncIterator[dict[str, Sides]]:
    """A full page of a tenant. The database is embedded, and this process keeps it running, as a server does."""
    async with installation() as (runtime, settings):
        await furnished(runtime, SENDS)
        command = (*JOBFERRY, "--data-dir", str(settings.data_dir), "sends", "list")
        yield {"": Sides(partial(cpu, "-c", "pass"), partial(cpu, *command))}


@asynccontextmanager
async def serve_opened(_: int) -> AsyncIterator[dict[str, Sides]]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        await cpu(*JOBFERRY, "--data-dir", str(folder), "init")
        yield {"": Sides(partial(database_start, folder), partial(serve_start, folder))}


async def cpu(*arguments: str) -> float:
    """Seconds of CPU of a Python process, user and system."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _, complaint = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"{' '.join(arguments)} ended with {process.returncode}: {complaint.decode()[-500:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)


async def database_start(folder: Path) -> float:
    """Seconds until the embedded database answers."""
    started = time.perf_counter()
    async with open_database(load_settings({"data_dir": folder})):
        return time.perf_counter() - started


async def serve_start(folder: Path) -> float:
    """Seconds from the process to its first answer that it is ready."""
    started = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *JOBFERRY,
        *("--data-dir", str(folder), "serve", "--port", "0"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        assert process.stdout
        async for line in process.stdout:
            if found := re.search(r"http://127\.0\.0\.1:\d+", line.decode()):
                async with aiohttp.ClientSession() as session, session.get(f"{found[0]}/readyz") as answer:
                    answer.raise_for_status()
                return time.perf_counter() - started
        raise RuntimeError("the server ended before it was ready")
    finally:
        process.send_signal(signal.SIGTERM)
        await process.communicate()


HELP = Row(
    name="help",
    what="`--help`, CPU beyond that of Python",
    floor="`python -c pass`",
    unit="s",
    open=help_opened,
    compare=added,
    goal=0.4,
    at_most=True,
    shown="{:.2f} s",
)
LIST = Row(
    name="list",
    what="`sends list`, CPU beyond that of Python",
    floor="`python -c pass`",
    unit="s",
    open=list_opened,
    compare=added,
    goal=1.2,
    at_most=True,
    shown="{:.2f} s",
)
SERVE = Row(
    name="serve",
    what="start of `serve` to ready, beyond the database's start",
    floor="start of the embedded PostgreSQL",
    unit="s",
    open=serve_opened,
    compare=added,
    goal=2,
    at_most=True,
    shown="{:.2f} s",
)
ROWS = (HELP, LIST, SERVE)
