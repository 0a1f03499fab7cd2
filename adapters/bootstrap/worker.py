"""A worker on a database: drains connections and serves other due work."""

from __future__ import annotations

import asyncio

from adapters.inbound.worker import due_work
from adapters.inbound.worker.worker import HEARTBEAT, Drain, Heartbeat, run_worker
from adapters.outbound.postgres.due_work import PostgresDueWork
from adapters.outbound.postgres.server.engines import service_engine
from adapters.outbound.postgres.server.role import as_role_dsn

_POOL_SIZE = 5
"""One for the sweeper, one for each kind of due work, and one for drains that ask whether others wait."""


async def work_on(
    url: str,
    drain: Drain,
    *,
    sync_completions: due_work.SyncCompletions | None = None,
    deliver_events: due_work.DeliverEvents | None = None,
    renew_secret: due_work.RenewSecret | None = None,
    concurrency: int = 10,
    stop: asyncio.Event | None = None,
    heartbeat: Heartbeat = HEARTBEAT,
) -> None:
    """Work until `stop` is set: see `run_worker`. Kinds of work that are None are left to other workers."""
    engine = service_engine(url, pool_size=_POOL_SIZE)
    due = PostgresDueWork(engine)
    kinds = [due_work.completion_sync(due, sync_completions)] if sync_completions else []
    kinds += [due_work.webhook_delivery(due, deliver_events)] if deliver_events else []
    kinds += [due_work.secret_expiry(due, renew_secret)] if renew_secret else []
    try:
        await run_worker(as_role_dsn(url), due, drain, kinds, concurrency=concurrency, stop=stop, heartbeat=heartbeat)
    finally:
        await engine.dispose()
