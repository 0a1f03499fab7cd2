"""Client secrets that are due to be looked at, each by one worker at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.outbound.queue.due import DueWork, serve_until

POLL_SECONDS = 15.0
LOOKED_AT_ONCE = 4
LEASE_SECONDS = 600.0
"""Longer than all calls of a renewal together."""

Keep = Callable[[str, str], Awaitable[None]]
_CLAIM = text("SELECT tenant, connection FROM claim_due_secrets(make_interval(secs => :lease), :most)")


async def keep_until(stop: asyncio.Event, url: str, keep: Keep) -> None:
    """Look after due secrets until `stop`."""
    work = DueWork("keep", ("tenant", "connection_id"), claim_due_secrets, keep, LOOKED_AT_ONCE, POLL_SECONDS)
    await serve_until(stop, url, work)


async def claim_due_secrets(engine: AsyncEngine, most: int, *, lease: float = LEASE_SECONDS) -> list[tuple[str, str]]:
    """Take up to `most` due connections (tenant, connection) for `lease` seconds; each goes to one caller only."""
    if most < 1:
        return []
    async with engine.begin() as connection:
        found = await connection.execute(_CLAIM, {"lease": lease, "most": most})
        return [(row.tenant, row.connection) for row in found]
