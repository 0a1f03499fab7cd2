"""Spectrums that accept each call and stay silent, until they are let answer: a sandbox behind them does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class HeldSpectrums:
    """One address for each. `called` counts the calls that wait for an answer."""

    sandbox_url: str
    urls: list[str] = field(default_factory=list)
    called: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)

    def hold(self) -> None:
        self.may_answer.clear()
        self.called = asyncio.Semaphore(0)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        begun = await reader.read(1)
        self.called.release()
        await self.may_answer.wait()
        address = urlsplit(self.sandbox_url)
        there, out = await asyncio.open_connection(address.hostname, address.port)
        out.write(begun)
        await asyncio.gather(_pass_on(reader, out), _pass_on(there, writer))


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(65536):
        writer.write(piece)
    writer.close()


@asynccontextmanager
async def held_spectrums(sandbox_url: str, count: int) -> AsyncIterator[HeldSpectrums]:
    """They answer at once until `hold` is called."""
    held = HeldSpectrums(sandbox_url)
    held.may_answer.set()
    async with AsyncExitStack() as stack:
        for _ in range(count):
            server = await stack.enter_async_context(await asyncio.start_server(held.serve, "127.0.0.1", 0))
            held.urls.append(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        try:
            yield held
        finally:
            held.may_answer.set()
