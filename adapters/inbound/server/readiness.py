"""Whether this process can work: asked once a second at most, however many want to know."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog

from core.model.shared.errors import JobferryError, TimeMends

_log = structlog.get_logger()
_KEPT_SECONDS = 1.0
_PATIENCE_SECONDS = 5.0


class Readiness:
    """`ready` raises a JobferryError if the process cannot work. Its text is for the log, because anybody may ask."""

    def __init__(self, ready: Callable[[], Awaitable[None]], seconds: Callable[[], float] = time.monotonic) -> None:
        self._ready = ready
        self._seconds = seconds
        self._answer: asyncio.Task[str] | None = None
        self._kept_until = 0.0

    async def require(self) -> None:
        """Raises TimeMends with the cause's code, and nothing else of it."""
        if self._answer is None or (self._answer.done() and self._seconds() >= self._kept_until):
            self._answer = asyncio.create_task(self._ask())
        answered, _ = await asyncio.wait({self._answer}, timeout=_PATIENCE_SECONDS)
        if code := self._answer.result() if answered else "DATABASE_UNREACHABLE":
            raise TimeMends("Jobferry cannot work at the moment.", code=code, fix="Its log says why.", retry_after=1)

    async def _ask(self) -> str:
        """The code of what is wrong, '' if nothing is."""
        try:
            await self._ready()
        except JobferryError as error:
            _log.warning("readiness.missing", code=error.code, reason=error.message)
            return error.code
        finally:
            self._kept_until = self._seconds() + _KEPT_SECONDS
        return ""
