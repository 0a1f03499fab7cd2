"""A worker in this process with nothing to drain, for what its other loops do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from adapters.outbound.queue.worker import run_worker

PATIENCE = 60
"""Seconds that a test waits for an event before it fails."""


@asynccontextmanager
async def working(
    url: str,
    *,
    follow: Callable[[str], Awaitable[None]] | None = None,
    deliver: Callable[[str, str], Awaitable[None]] | None = None,
    keep: Callable[[str, str], Awaitable[None]] | None = None,
) -> AsyncIterator[None]:
    """Stopped gracefully at the end."""
    stop = asyncio.Event()
    task = asyncio.create_task(
        run_worker(url, no_drain, follow=follow, deliver=deliver, keep=keep, concurrency=1, stop=stop)
    )
    try:
        yield
    finally:
        stop.set()
        async with asyncio.timeout(PATIENCE):
            await task


async def no_drain(_: str) -> bool:
    return False
