"""The moments at which a process touches the outside: there it may die, or stop until somebody wakes it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakSet

MOST_CALLS = 150
"""Calls to the outside in one drain of a connection; more is a loop that does not end."""


class Crashed(BaseException):
    """The process is gone: nothing of ours may catch it."""


class Runaway(BaseException):
    """A drain that goes on for ever."""


class Moments:
    """`crash_in` and `freeze_in` count down, 0 is never. A moment is before or after a call or a commit; a worker
    freezes only before a call."""

    def __init__(self) -> None:
        self.crash_in = 0
        self.freeze_in = 0
        self.frozen = asyncio.Event()
        self.thaw = asyncio.Event()
        self.calls_left: int | None = None
        self.workers = WeakSet[asyncio.Task[Any]]()
        """Who may freeze."""
        self._asleep = 0

    def moment(self, _: str = "") -> None:
        if self._asleep or not self.crash_in:
            return
        self.crash_in -= 1
        if not self.crash_in:
            raise Crashed

    async def call(self) -> None:
        """Right before a call goes out."""
        self.moment()
        if self._asleep:
            return
        if self.calls_left is not None:
            self.calls_left -= 1
            if self.calls_left < 0:
                raise Runaway
        if self.freeze_in and asyncio.current_task() in self.workers:
            self.freeze_in -= 1
            if not self.freeze_in:
                self.frozen.set()
                await self.thaw.wait()

    @contextmanager
    def asleep(self) -> Iterator[None]:
        """Nothing befalls those who only look on."""
        self._asleep += 1
        try:
            yield
        finally:
            self._asleep -= 1
