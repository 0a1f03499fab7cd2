"""The server time that an account has left at ServiceTrade. Calls slow down before it is used up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

FULL_MS = 60_000.0
SLOW_BELOW_MS = 10_000.0
REFILL_MS_PER_SECOND = 1_000.0
"""60,000 ms of server time per minute and user, reported in each answer [doc]. That it refills evenly is inferred."""

_log = structlog.get_logger(__name__)

Sleep = Callable[[float], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class _Balance:
    ms: float
    at: float


class Budget:
    """The last reported balance of each tenant's account."""

    def __init__(self, *, sleep: Sleep = asyncio.sleep, clock: Callable[[], float] = time.monotonic) -> None:
        self._sleep = sleep
        self._clock = clock
        self._balances: dict[str, _Balance] = {}

    def note(self, tenant_id: str, balance_ms: float | None) -> None:
        """Store the balance of an answer. None: the answer has none."""
        if balance_ms is not None:
            self._balances[tenant_id] = _Balance(balance_ms, self._clock())

    async def wait(self, tenant_id: str) -> None:
        """Return at once, or wait until the balance should be refilled: at most ten seconds."""
        seconds = (SLOW_BELOW_MS - self._left(tenant_id)) / REFILL_MS_PER_SECOND
        if seconds > 0:
            pause = min(seconds, SLOW_BELOW_MS / REFILL_MS_PER_SECOND)
            _log.info("servicetrade.slowed_down", tenant_id=tenant_id, seconds=round(pause, 1))
            await self._sleep(pause)

    def _left(self, tenant_id: str) -> float:
        balance = self._balances.get(tenant_id)
        if balance is None:
            return FULL_MS
        return min(FULL_MS, balance.ms + (self._clock() - balance.at) * REFILL_MS_PER_SECOND)
