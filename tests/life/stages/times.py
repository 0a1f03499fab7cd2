"""Time that only passes when a life says so: the database's, and this machine's beside it. And ids in order."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from itertools import count

from ports.clock import Clock
from ports.ids import Ids


class LifeClock(Clock):
    """`skew` is how far this machine's clock is ahead of the database's."""

    def __init__(self, start: datetime = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)) -> None:
        self._start = start
        self._passed = timedelta()
        self.skew = timedelta()

    def database(self) -> datetime:
        return self._start + self._passed

    def now(self) -> datetime:
        return self.database() + self.skew

    def boot_seconds(self) -> float:
        return self._passed.total_seconds()

    def advance(self, seconds: float) -> None:
        self._passed += timedelta(seconds=seconds)


class RunningClock(LifeClock):
    """Real time goes on beside: for a stage whose database and sockets have time of their own."""

    def database(self) -> datetime:
        return datetime.now(UTC) + self._passed

    def boot_seconds(self) -> float:
        return time.monotonic() + self._passed.total_seconds()

    def ahead(self) -> timedelta:
        return self._passed


class CountedIds(Ids):
    def __init__(self) -> None:
        self._numbers = count(1)

    def new(self, prefix: str) -> str:
        return f"{prefix}_{next(self._numbers):08d}"
