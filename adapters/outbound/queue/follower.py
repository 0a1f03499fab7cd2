"""Tenants whose hints or poll are due, each followed by one worker at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.outbound.queue.due import DueWork, serve_until

POLL_SECONDS = 1.0
FOLLOWED_AT_ONCE = 4
LEASE_SECONDS = 60.0
"""How long a tenant that one worker follows is left alone by the others; one that died over it is taken up then."""

Follow = Callable[[str], Awaitable[None]]
_CLAIM = text("SELECT claim_due_tenants(make_interval(secs => :lease), :most)")


async def follow_until(stop: asyncio.Event, url: str, follow: Follow) -> None:
    """Follow due tenants until `stop`."""
    await serve_until(stop, url, DueWork("follow", ("tenant_id",), _claim, follow, FOLLOWED_AT_ONCE, POLL_SECONDS))


async def claim_due_tenants(engine: AsyncEngine, most: int, lease: float = LEASE_SECONDS) -> list[str]:
    """Take up to `most` due tenants for `lease` seconds; each goes to one caller only."""
    if most < 1:
        return []
    async with engine.begin() as connection:
        return list((await connection.execute(_CLAIM, {"lease": lease, "most": most})).scalars())


async def _claim(engine: AsyncEngine, most: int) -> list[tuple[str, ...]]:
    return [(tenant_id,) for tenant_id in await claim_due_tenants(engine, most)]
