"""The worker of an installation: the kinds of work that it takes, and the sessions of the database for its queue."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from adapters.outbound.postgres.due_work import PostgresDueWork
from adapters.outbound.postgres.server.engines import service_engine
from adapters.outbound.postgres.server.role import as_role_dsn
from adapters.outbound.postgres.server.session import verify_session
from adapters.outbound.postgres.server.watch import DatabaseWatch
from ports.storage.due_work import Slots, WorkKind

if TYPE_CHECKING:
    from adapters.inbound.worker.worker import GiveWay, Heartbeat, KeepRetention, Serve
    from core.services.mappings.refresh_lists import RefreshLists

_POOL_SIZE = 3
"""One for the sweeper; the others put work back that makes room or has failed, one after the other."""
DEFAULT_SLOTS = Slots(10, 3)


def slots_of(concurrency: int, tenant_share: float) -> Slots:
    """The slots of a worker, of which one tenant may have `tenant_share` (0 to 1), but at least one."""
    return Slots(concurrency, max(1, int(concurrency * tenant_share)))


async def work_on(
    url: str,
    drain: Serve,
    *,
    sync_completions: Callable[[str], Awaitable[None]] | None = None,
    deliver_events: Callable[[str, str], Awaitable[None]] | None = None,
    renew_secret: Callable[[str, str], Awaitable[None]] | None = None,
    tell_recipient: Callable[[str, str], Awaitable[None]] | None = None,
    reconcile: Callable[[str, str], Awaitable[None]] | None = None,
    suggest: Callable[[str, str], Awaitable[None]] | None = None,
    refresh_lists: RefreshLists | None = None,
    keep_retention: KeepRetention | None = None,
    slots: Slots = DEFAULT_SLOTS,
    stop: asyncio.Event | None = None,
    heartbeat: Heartbeat | None = None,
    watch: DatabaseWatch | None = None,
) -> None:
    """Work until `stop` is set: see `run_worker`. Kinds of work that are None are left to other workers.

    `drain` is called with tenant and connection, `sync_completions` with a tenant, the others with a tenant and a
    webhook endpoint, connection, recipient, reconciliation or connection.
    """
    from adapters.inbound.worker.worker import HEARTBEAT, run_worker  # noqa: PLC0415 - most commands never work

    kinds: dict[WorkKind, Serve] = {WorkKind.DRAIN: drain}
    if sync_completions:
        kinds[WorkKind.COMPLETIONS] = _once(lambda tenant_id, _: sync_completions(tenant_id))
    if deliver_events:
        kinds[WorkKind.DELIVERY] = _once(deliver_events)
    if renew_secret:
        kinds[WorkKind.EXPIRY] = _once(renew_secret)
    if tell_recipient:
        kinds[WorkKind.NOTIFICATION] = _once(tell_recipient)
    if reconcile:
        kinds[WorkKind.RECONCILIATION] = _once(reconcile)
    if suggest:
        kinds[WorkKind.SUGGESTIONS] = _once(suggest)
    if refresh_lists:
        kinds[WorkKind.CODES] = _until(refresh_lists, stop)
    engine = service_engine(url, pool_size=_POOL_SIZE, max_overflow=0)
    if watch:
        watch.follow(engine)
    try:
        await run_worker(
            as_role_dsn(url),
            PostgresDueWork(engine),
            kinds,
            slots,
            keep_retention=keep_retention,
            stop=stop,
            heartbeat=heartbeat or HEARTBEAT,
            verify=verify_session,
        )
    finally:
        await engine.dispose()


def _until(refresh_lists: RefreshLists, stop: asyncio.Event | None) -> Serve:
    """A list may take minutes: its reading ends when the worker stops."""

    async def serve(tenant_id: str, subject: str, _: GiveWay) -> bool:
        await refresh_lists(tenant_id, subject, stopping=stop.is_set if stop else lambda: False)
        return False

    return serve


def _once(work: Callable[[str, str], Awaitable[None]]) -> Serve:
    """For work that stores itself when it is due again, also if that is at once."""

    async def serve(tenant_id: str, subject: str, _: GiveWay) -> bool:
        await work(tenant_id, subject)
        return False

    return serve
