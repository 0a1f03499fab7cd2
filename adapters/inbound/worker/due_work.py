"""The worker's loop for everything that falls due: claim some of it, serve each beside the others, look again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
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
    """`claim` takes up to so many for this worker alone, until a lease ends or `serve` gives it back.

    `named` says what a claimed one is made of, for the log.
    """

    name: str
    named: tuple[str, ...]
    claim: Callable[[int], Awaitable[Sequence[tuple[str, ...]]]]
    serve: Callable[..., Awaitable[None]]
    at_once: int
    poll_seconds: float


def completion_sync(due: DueWork, sync: SyncCompletions) -> DueKind:
    return DueKind("completion_sync", ("tenant_id",), due.claim_tenants, sync, TENANTS_AT_ONCE, POLL_SECONDS)


def webhook_delivery(due: DueWork, deliver: DeliverEvents) -> DueKind:
    named = ("tenant", "endpoint")
    return DueKind("webhook_delivery", named, due.claim_webhook_endpoints, deliver, ENDPOINTS_AT_ONCE, POLL_SECONDS)


def secret_expiry(due: DueWork, renew: RenewSecret) -> DueKind:
    named = ("tenant", "connection_id")
    return DueKind("secret_expiry", named, due.claim_client_secrets, renew, SECRETS_AT_ONCE, SECRET_POLL_SECONDS)


async def serve_until(stop: asyncio.Event, kind: DueKind) -> None:
    """Serve what is due until `stop`; what has begun is ended first."""
    running: set[asyncio.Task[object]] = set()
    stopped: asyncio.Task[object] = asyncio.create_task(stop.wait())
    try:
        while not stop.is_set():
            try:
                for one in await kind.claim(kind.at_once - len(running)):
                    running.add(asyncio.create_task(_serve(kind, one)))
            except Exception as error:  # whatever it was: without this loop, nothing of it is done any more
                _log.warning(f"{kind.name}.claim_failed", error=type(error).__name__, detail=str(error)[:200])
            # A place that is free again is filled at the next look; if all are taken, wait for one, not for the clock.
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
    except Exception:  # it is stored all the same, and due again after the lease
        about: dict[str, Any] = dict(zip(kind.named, one, strict=True))
        _log.exception(f"{kind.name}.failed", **about)
