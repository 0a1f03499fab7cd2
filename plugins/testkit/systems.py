"""Both simulated systems on sockets of this machine, in their own thread, so that a test may block."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from threading import Thread

from adapters.sandbox.servicetrade.sandbox import ServiceTradeSandbox
from adapters.sandbox.spectrum.sandbox import SpectrumSandbox

_PATIENCE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class SandboxSystems:
    """A ServiceTrade with forty jobs and a Spectrum with its companies. `state` of each holds its records."""

    servicetrade: ServiceTradeSandbox
    spectrum: SpectrumSandbox


@contextmanager
def sandbox_systems() -> Iterator[SandboxSystems]:
    """Run both systems on free ports of the loopback address until the block ends."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, name="sandbox", daemon=True)
    thread.start()
    stack = AsyncExitStack()

    async def start() -> SandboxSystems:
        return SandboxSystems(
            await stack.enter_async_context(ServiceTradeSandbox.start()),
            await stack.enter_async_context(SpectrumSandbox.start()),
        )

    try:
        yield asyncio.run_coroutine_threadsafe(start(), loop).result(_PATIENCE_SECONDS)
    finally:
        asyncio.run_coroutine_threadsafe(stack.aclose(), loop).result(_PATIENCE_SECONDS)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_PATIENCE_SECONDS)
        loop.close()
