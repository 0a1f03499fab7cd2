"""A process that serves the hook and works, put together as `jobferry serve` is, for tests that kill it."""

from __future__ import annotations

import asyncio
import base64
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import aiohttp

from adapters.bootstrap.load_settings import load_settings
from adapters.bootstrap.log import configure_log
from adapters.bootstrap.runtime import open_runtime
from adapters.bootstrap.settings import Settings
from adapters.bootstrap.web_app import open_http_server
from tests.faults.support.processes import processes

_LOOK_AGAIN = 0.02


@dataclass(frozen=True, slots=True)
class Orders:
    """Where the database is (None: the embedded one of `data_dir`), where to listen, and the file that takes the log:
    faults fill it with tracebacks."""

    database_url: str | None
    port: int
    log: Path
    master_key: bytes = b"k" * 32
    poll_seconds: float = 300.0
    key_file: Path | None = None
    """Where the key stands instead, so that it can be changed."""
    data_dir: Path | None = None

    def settings(self) -> Settings:
        key = base64.b64encode(self.master_key).decode()
        return load_settings(
            {
                "database_url": self.database_url,
                "port": self.port,
                "poll_seconds": self.poll_seconds,
                "encryption_key": None if self.key_file else key,
                "encryption_key_file": self.key_file,
                "data_dir": self.data_dir or self.log.parent / "data",
                "allowed_networks": ["127.0.0.0/8"],
            }
        )


def serve(orders: Orders) -> None:
    """The process's main: runs until it is killed or told to stop."""
    os.dup2(os.open(orders.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), 2)
    configure_log("error")
    asyncio.run(_serve(orders))


async def _serve(orders: Orders) -> None:
    settings, stop = orders.settings(), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with open_runtime(settings) as runtime, open_http_server(runtime, settings.host, settings.port):
        await runtime.work(stop)


@dataclass
class Server:
    """One serving process after the other. `kills` counts those that were killed."""

    orders: Orders
    kills: int = 0
    _process: ForkServerProcess | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.orders.port}"

    async def start(self) -> None:
        """Returns once it answers."""
        self._process = processes.Process(target=serve, args=(self.orders,))
        self._process.start()
        async with aiohttp.ClientSession() as session:
            while not await _answers(session, f"{self.url}/livez"):
                assert self._process.is_alive(), f"it ended with {self._process.exitcode}, see {self.orders.log}"
                await asyncio.sleep(_LOOK_AGAIN)

    async def kill(self) -> None:
        await self._end(signal.SIGKILL)
        self.kills += 1

    async def stop(self) -> None:
        """What has begun is ended first."""
        await self._end(signal.SIGTERM)

    async def _end(self, with_signal: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None or process.pid is None:
            return
        os.kill(process.pid, with_signal)
        await asyncio.to_thread(process.join)
        code = process.exitcode
        process.close()
        assert code in (0, -signal.SIGKILL), f"it ended with {code}, see {self.orders.log}"


@asynccontextmanager
async def serving(orders: Orders) -> AsyncIterator[Server]:
    """A server that runs; whichever process runs at the end of the block is stopped."""
    server = Server(orders)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


async def _answers(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(url) as response:
            return response.status == 200
    except aiohttp.ClientError:
        return False
