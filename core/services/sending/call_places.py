"""The places for calls to one Spectrum endpoint. Whoever finds none free waits for one, in the order of coming."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress

from ports.clock import Clock

PATIENCE = 5.0
"""Seconds that one waits for a place. A call that takes longer is slow."""


class CallPlaces:
    """`at_once` places. A place is named by the moment at which it was taken, in seconds of the boot clock."""

    def __init__(self, clock: Clock, at_once: int) -> None:
        self._clock = clock
        self._at_once = at_once
        self._taken: list[float] = []
        """The oldest first."""
        self._waiting: deque[asyncio.Future[float]] = deque()

    def slow(self) -> bool:
        """Whether a call under way is slow. Then it is no use to wait for a place."""
        return bool(self._taken) and self._clock.boot_seconds() - self._taken[0] > PATIENCE

    def take_free(self) -> float | None:
        """Take a place that is free now; None if there is none, or others wait for it."""
        if self._waiting or len(self._taken) >= self._at_once:
            return None
        return self._take()

    async def take(self) -> float | None:
        """Take a place, after at most PATIENCE seconds; None if none became free."""
        if (free := self.take_free()) is not None:
            return free
        turn: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self.give_back(turn.result())  # it was given at the same moment
            raise
        return None if turn.cancelled() else turn.result()

    def give_back(self, place: float) -> None:
        """The call has ended, or is not made. The place goes to the one who has waited longest."""
        self._taken.remove(place)
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(self._take())
                return

    def _take(self) -> float:
        self._taken.append(self._clock.boot_seconds())
        return self._taken[-1]
