"""Due work of all tenants. It is claimed by database functions; the rows are not accessible."""

from __future__ import annotations

from collections.abc import Collection

import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.outbound.postgres.server.engines import service_engine
from adapters.outbound.postgres.server.failures import unreachable
from adapters.outbound.postgres.work_queue import queue_drain
from ports.storage.due_work import QUEUE, DueWork

_log = structlog.get_logger()
TENANT_LEASE, ENDPOINT_LEASE, SECRET_LEASE = 60.0, 60.0, 600.0
"""Seconds. A slice of completions or deliveries ends long before; the last is longer than all calls of a renewal."""
ENDPOINTS_OF_A_TENANT = 4
"""Limit per tenant in the whole installation: a tenant with slow receivers must not delay the others."""
STALLED_SECONDS = 12.0
"""A worker without a heartbeat for this time counts as dead."""

_CLAIM_TENANTS = text("SELECT claim_due_tenants(make_interval(secs => :lease), :most)")
_CLAIM_ENDPOINTS = text(
    "SELECT tenant, endpoint FROM claim_due_endpoints(make_interval(secs => :lease), :most, :most_of_a_tenant)"
)
_CLAIM_SECRETS = text("SELECT tenant, connection FROM claim_due_secrets(make_interval(secs => :lease), :most)")
_RESCUE = text(
    "SELECT procrastinate_finish_job_v1(j.id, 'failed', true), j.lock FROM ("
    "  SELECT jobs.id, jobs.lock FROM procrastinate_jobs jobs"
    "  LEFT JOIN procrastinate_workers w ON w.id = jobs.worker_id"
    "  WHERE jobs.status = 'doing' AND jobs.queue_name = :queue"
    "    AND (w.id IS NULL OR w.last_heartbeat < now() - make_interval(secs => :stalled) OR jobs.id = ANY(:ended))"
    "  FOR UPDATE OF jobs SKIP LOCKED) j"
)
_DUE = text(
    "SELECT connection_id FROM connection_due d WHERE due_at <= now() AND NOT EXISTS ("
    "  SELECT 1 FROM procrastinate_jobs j WHERE j.lock = d.connection_id AND j.status IN ('todo', 'doing'))"
    " ORDER BY connection_id LIMIT 500"
)
_OTHERS_WAIT = text(
    "SELECT EXISTS (SELECT 1 FROM procrastinate_jobs j WHERE j.status = 'todo' AND j.queue_name = :queue"
    "  AND j.lock <> :connection_id AND NOT EXISTS ("
    "    SELECT 1 FROM procrastinate_jobs d WHERE d.lock = j.lock AND d.status = 'doing'))"
)
_ALIVE = text(
    "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => :stalled)"
)


class PostgresDueWork(DueWork):
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def claim_tenants(self, most: int, *, lease: float = TENANT_LEASE) -> list[tuple[str]]:
        if most < 1:
            return []
        async with self._engine.begin() as connection:
            found = await connection.execute(_CLAIM_TENANTS, {"lease": lease, "most": most})
            return [(tenant,) for tenant in found.scalars()]

    async def claim_webhook_endpoints(
        self, most: int, *, of_a_tenant: int = ENDPOINTS_OF_A_TENANT, lease: float = ENDPOINT_LEASE
    ) -> list[tuple[str, str]]:
        if most < 1:
            return []
        async with self._engine.begin() as connection:
            asked = {"lease": lease, "most": most, "most_of_a_tenant": of_a_tenant}
            return [(row.tenant, row.endpoint) for row in await connection.execute(_CLAIM_ENDPOINTS, asked)]

    async def claim_client_secrets(self, most: int, *, lease: float = SECRET_LEASE) -> list[tuple[str, str]]:
        if most < 1:
            return []
        async with self._engine.begin() as connection:
            found = await connection.execute(_CLAIM_SECRETS, {"lease": lease, "most": most})
            return [(row.tenant, row.connection) for row in found]

    async def sweep(self, stalled: float, ended: Collection[int] = ()) -> int:
        async with self._engine.begin() as connection:
            asked = {"queue": QUEUE, "stalled": stalled, "ended": [*ended]}
            rescued = await connection.execute(_RESCUE, asked)
            freed = [row.lock for row in rescued]
        for connection_id in freed:
            _log.warning("drain.rescued", connection_id=connection_id)
        async with self._engine.begin() as connection:
            due = (await connection.execute(_DUE)).scalars().all()
            for connection_id in sorted({*due, *freed}):  # the same order everywhere, so two sweepers cannot deadlock
                await queue_drain(connection, connection_id)
        return len(due)

    async def others_wait(self, connection_id: str) -> bool:
        async with self._engine.connect() as connection:
            asked = {"queue": QUEUE, "connection_id": connection_id}
            return bool((await connection.execute(_OTHERS_WAIT, asked)).scalar_one())


async def workers_alive(url: str, stalled: float = STALLED_SECONDS) -> int:
    """Count the workers with a heartbeat in the last `stalled` seconds. Raises OperatorMends (DATABASE_UNREACHABLE)."""
    engine = service_engine(url)
    try:
        async with engine.connect() as connection:
            return int((await connection.execute(_ALIVE, {"stalled": stalled})).scalar_one())
    except DBAPIError as error:
        raise unreachable(error) from error
    finally:
        await engine.dispose()
