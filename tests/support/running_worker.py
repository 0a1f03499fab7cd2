"""A worker in this process with nothing to drain, for the other kinds of work."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from adapters.bootstrap.worker import DEFAULT_SLOTS, work_on
from adapters.inbound.worker.worker import HEARTBEAT, Heartbeat
from ports.storage.due_work import Slots

PATIENCE = 60
"""Seconds that a test waits for an event before it fails."""


@asynccontextmanager
async def working(
    url: str,
    *,
    sync_completions: Callable[[str], Awaitable[None]] | None = None,
    deliver_events: Callable[[str, str], Awaitable[None]] | None = None,
    renew_secret: Callable[[str, str], Awaitable[None]] | None = None,
    tell_recipient: Callable[[str, str], Awaitable[None]] | None = None,
    slots: Slots = DEFAULT_SLOTS,
    heartbeat: Heartbeat = HEARTBEAT,
) -> AsyncIterator[None]:
    """Stopped gracefully at the end."""
    stop = asyncio.Event()
    task = asyncio.create_task(
        work_on(
            url,
            no_drain,
            sync_completions=sync_completions,
            deliver_events=deliver_events,
            renew_secret=renew_secret,
            tell_recipient=tell_recipient,
            slots=slots,
            stop=stop,
            heartbeat=heartbeat,
        )
    )
    try:
        yield
    finally:
        stop.set()
        async with asyncio.timeout(PATIENCE):
            await task


async def no_drain(*_: object) -> bool:
    return False
