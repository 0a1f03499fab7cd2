"""The worker's loop for everything that falls due: claim some of it, serve each beside the others, look again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.outbound.postgres.engines import service_engine

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class DueWork:
    """`claim` takes up to so many for this worker alone, until a lease ends or `serve` gives it back.

    `named` says what a claimed one is made of, for the log.
    """

    name: str
    named: tuple[str, ...]
    claim: Callable[[AsyncEngine, int], Awaitable[Sequence[tuple[str, ...]]]]
    serve: Callable[..., Awaitable[None]]
    at_once: int
    poll_seconds: float


async def serve_until(stop: asyncio.Event, url: str, work: DueWork) -> None:
    """Serve what is due until `stop`; what has begun is ended first."""
    engine = service_engine(url, pool_size=1)
    running: set[asyncio.Task[object]] = set()
    stopped: asyncio.Task[object] = asyncio.create_task(stop.wait())
    try:
        while not stop.is_set():
            try:
                for one in await work.claim(engine, work.at_once - len(running)):
                    running.add(asyncio.create_task(_serve(work, one)))
            except Exception as error:  # whatever it was: without this loop, nothing of it is done any more
                _log.warning(f"{work.name}.claim_failed", error=type(error).__name__, detail=str(error)[:200])
            # A place that is free again is filled at the next look; a full house waits for one, not for the clock.
            full = len(running) >= work.at_once
            awaited = {stopped, *(running if full else ())}
            await asyncio.wait(awaited, timeout=work.poll_seconds, return_when=asyncio.FIRST_COMPLETED)
            running = {task for task in running if not task.done()}
    finally:
        stopped.cancel()
        await asyncio.gather(stopped, *running, return_exceptions=True)
        await engine.dispose()


async def _serve(work: DueWork, one: tuple[str, ...]) -> None:
    try:
        await work.serve(*one)
    except Exception:  # it is stored all the same, and due again after the lease
        about: dict[str, Any] = dict(zip(work.named, one, strict=True))
        _log.exception(f"{work.name}.failed", **about)
