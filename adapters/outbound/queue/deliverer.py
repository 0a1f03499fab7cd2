"""Webhook endpoints with due events, each served by one worker at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.outbound.queue.due import DueWork, serve_until

POLL_SECONDS = 1.0
SERVED_AT_ONCE = 16
SERVED_OF_A_TENANT = 4
"""In the whole installation: however many of its receivers are slow, a tenant does not keep the others waiting."""
LEASE_SECONDS = 60.0
"""How long an endpoint is its worker's; a slice is over long before."""

Deliver = Callable[[str, str], Awaitable[None]]
_CLAIM = text(
    "SELECT tenant, endpoint FROM claim_due_endpoints(make_interval(secs => :lease), :most, :most_of_a_tenant)"
)


async def deliver_until(stop: asyncio.Event, url: str, deliver: Deliver) -> None:
    """Serve due endpoints until `stop`."""
    work = DueWork("deliver", ("tenant", "endpoint"), claim_due_endpoints, deliver, SERVED_AT_ONCE, POLL_SECONDS)
    await serve_until(stop, url, work)


async def claim_due_endpoints(
    engine: AsyncEngine, most: int, *, of_a_tenant: int = SERVED_OF_A_TENANT, lease: float = LEASE_SECONDS
) -> list[tuple[str, str]]:
    """Take up to `most` due endpoints (tenant, endpoint) for `lease` seconds; each goes to one caller only."""
    if most < 1:
        return []
    async with engine.begin() as connection:
        found = await connection.execute(_CLAIM, {"lease": lease, "most": most, "most_of_a_tenant": of_a_tenant})
        return [(row.tenant, row.endpoint) for row in found]
