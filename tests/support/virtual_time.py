"""An event loop whose time jumps to the next timer as soon as nothing else is left to do: hours pass in seconds."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from ports.clock import Clock

T = TypeVar("T")
START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


class _JumpingSelector(selectors.SelectSelector):
    """Waits for nothing: what the loop would wait is added to `waited`."""

    def __init__(self) -> None:
        super().__init__()
        self.waited = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("Everybody waits, and no timer is set.")
        self.waited += max(timeout, 0.0)
        return super().select(0)


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.waited


class LoopClock(Clock):
    """The clock of the running loop."""

    def now(self) -> datetime:
        return START + timedelta(seconds=self.boot_seconds())

    def boot_seconds(self) -> float:
        return asyncio.get_running_loop().time()


def run_in_virtual_time(work: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(work)
