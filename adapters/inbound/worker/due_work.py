"""The worker's loop for due work: claim some, serve it concurrently, and look again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from ports.storage.due_work import DueWork

_log = structlog.get_logger()
POLL_SECONDS, SECRET_POLL_SECONDS = 1.0, 15.0
TENANTS_AT_ONCE, ENDPOINTS_AT_ONCE, SECRETS_AT_ONCE = 4, 16, 4

SyncCompletions = Callable[[str], Awaitable[None]]
"""Called with a tenant's id."""
DeliverEvents = Callable[[str, str], Awaitable[None]]
"""Called with tenant and endpoint."""
RenewSecret = Callable[[str, str], Awaitable[None]]
"""Called with tenant and connection."""


@dataclass(frozen=True, slots=True)
class DueKind:
    """A kind of due work. `claim` takes up to that many for this worker, until the lease ends or `serve` returns them.

    `named` are the log's names for the parts of a claimed tuple.
    """

    name: str
    named: tuple[str, ...]
    claim: Callable[[int], Awaitable[Sequence[tuple[str, ...]]]]
    serve: Callable[..., Awaitable[None]]
    at_once: int
    poll_seconds: float


def due_kinds(
    due: DueWork, sync: SyncCompletions | None, deliver: DeliverEvents | None, renew: RenewSecret | None
) -> Iterator[DueKind]:
    """The kinds that this worker serves; those that are None are left to other workers."""
    if sync:
        yield DueKind("completion_sync", ("tenant_id",), due.claim_tenants, sync, TENANTS_AT_ONCE, POLL_SECONDS)
    if deliver:
        claim, named = due.claim_webhook_endpoints, ("tenant", "endpoint")
        yield DueKind("webhook_delivery", named, claim, deliver, ENDPOINTS_AT_ONCE, POLL_SECONDS)
    if renew:
        claim, named = due.claim_client_secrets, ("tenant", "connection_id")
        yield DueKind("secret_expiry", named, claim, renew, SECRETS_AT_ONCE, SECRET_POLL_SECONDS)


async def serve_until(stop: asyncio.Event, kind: DueKind) -> None:
    """Serve what is due until `stop` is set. Work that has begun is finished first."""
    running: set[asyncio.Task[object]] = set()
    stopped: asyncio.Task[object] = asyncio.create_task(stop.wait())
    try:
        while not stop.is_set():
            try:
                for one in await kind.claim(kind.at_once - len(running)):
                    running.add(asyncio.create_task(_serve(kind, one)))
            except Exception as error:  # the loop must survive: nothing else serves this kind of work
                _log.warning(f"{kind.name}.claim_failed", error=type(error).__name__, detail=str(error)[:200])
            # A free place is filled at the next poll. If all are taken, wait until one becomes free.
            full = len(running) >= kind.at_once
            awaited = {stopped, *(running if full else ())}
            await asyncio.wait(awaited, timeout=kind.poll_seconds, return_when=asyncio.FIRST_COMPLETED)
            running = {task for task in running if not task.done()}
    finally:
        stopped.cancel()
        await asyncio.gather(stopped, *running, return_exceptions=True)


async def _serve(kind: DueKind, one: tuple[str, ...]) -> None:
    try:
        await kind.serve(*one)
    except Exception:  # it stays stored, and is due again after the lease
        about: dict[str, Any] = dict(zip(kind.named, one, strict=True))
        _log.exception(f"{kind.name}.failed", **about)
