"""The worker's fourth loop: client secrets that are due to be looked at, each by one worker at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from adapters.outbound.postgres.role import as_role

_log = structlog.get_logger()
POLL_SECONDS = 15.0
LOOKED_AT_ONCE = 4
LEASE_SECONDS = 600.0
"""Longer than all calls of a renewal together."""

Keep = Callable[[str, str], Awaitable[None]]
_CLAIM = text("SELECT tenant, connection FROM claim_due_secrets(make_interval(secs => :lease), :most)")


async def keep_until(stop: asyncio.Event, url: str, keep: Keep) -> None:
    """Look after due secrets until `stop`; what has begun is ended first."""
    engine = create_async_engine(as_role(url), pool_size=1)
    try:
        while not stop.is_set():
            try:
                due = await claim_due_secrets(engine)
                await asyncio.gather(*(_keep_one(keep, tenant_id, connection_id) for tenant_id, connection_id in due))
            except Exception as error:  # whatever it was: without this loop, nobody is told of an end that comes
                _log.warning("keeper.failed", error=type(error).__name__, detail=str(error)[:200])
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), POLL_SECONDS)
    finally:
        await engine.dispose()


async def claim_due_secrets(
    engine: AsyncEngine, most: int = LOOKED_AT_ONCE, *, lease: float = LEASE_SECONDS
) -> list[tuple[str, str]]:
    """Take up to `most` due connections (tenant, connection) for `lease` seconds; each goes to one caller only."""
    async with engine.begin() as connection:
        found = await connection.execute(_CLAIM, {"lease": lease, "most": most})
        return [(row.tenant, row.connection) for row in found]


async def _keep_one(keep: Keep, tenant_id: str, connection_id: str) -> None:
    try:
        await keep(tenant_id, connection_id)
    except Exception:  # it is due again after the lease
        _log.exception("keep.failed", tenant_id=tenant_id, connection_id=connection_id)
