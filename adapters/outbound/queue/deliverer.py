"""The worker's third loop: endpoints with due events, each served by one worker at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from adapters.outbound.postgres.role import as_role

_log = structlog.get_logger()
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
    """Serve due endpoints until `stop`; what has begun is ended first."""
    engine = create_async_engine(as_role(url), pool_size=1)
    running: set[asyncio.Task[object]] = set()
    stopped: asyncio.Task[object] = asyncio.create_task(stop.wait())
    try:
        while not stop.is_set():
            try:
                for tenant_id, endpoint_id in await claim_due_endpoints(engine, SERVED_AT_ONCE - len(running)):
                    running.add(asyncio.create_task(_serve(deliver, tenant_id, endpoint_id)))
            except Exception as error:  # whatever it was: without this loop, no event goes out any more
                _log.warning("deliverer.failed", error=type(error).__name__, detail=str(error)[:200])
            # A place that is free again is filled at the next look; a full house waits for one, not for the clock.
            full = len(running) >= SERVED_AT_ONCE
            awaited = {stopped, *(running if full else ())}
            await asyncio.wait(awaited, timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            running = {task for task in running if not task.done()}
    finally:
        stopped.cancel()
        await asyncio.gather(stopped, *running, return_exceptions=True)
        await engine.dispose()


async def claim_due_endpoints(
    engine: AsyncEngine, most: int, *, of_a_tenant: int = SERVED_OF_A_TENANT, lease: float = LEASE_SECONDS
) -> list[tuple[str, str]]:
    """Take up to `most` due endpoints (tenant, endpoint) for `lease` seconds; each goes to one caller only."""
    if most < 1:
        return []
    async with engine.begin() as connection:
        found = await connection.execute(_CLAIM, {"lease": lease, "most": most, "most_of_a_tenant": of_a_tenant})
        return [(row.tenant, row.endpoint) for row in found]


async def _serve(deliver: Deliver, tenant_id: str, endpoint_id: str) -> None:
    try:
        await deliver(tenant_id, endpoint_id)
    except Exception:  # its deliveries are still stored: it is due again after the lease
        _log.exception("deliver.failed", tenant=tenant_id, endpoint=endpoint_id)
