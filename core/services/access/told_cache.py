"""Remembers what was read, until it is told that it may have changed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from ports.change_feed import ChangeFeed, Subscription
from ports.clock import Clock

K = TypeVar("K")
V = TypeVar("V")
REMEMBERED_SECONDS = 5.0
"""How late a change is noticed at most if nothing is told, because the feed has lost its contact."""
_MOST_REMEMBERED = 10_000


class ToldCache(Generic[K, V]):
    """Everything is forgotten with any change of `topics`, which must be rare."""

    def __init__(self, clock: Clock, feed: ChangeFeed, *topics: str) -> None:
        self._clock = clock
        self._feed = feed
        self._topics = topics
        self._changes: Subscription | None = None
        self._count = 0
        self._times_forgotten = 0
        self._remembered: dict[K, tuple[V, float]] = {}

    def forget(self) -> None:
        self._remembered.clear()
        self._times_forgotten += 1

    async def get(self, key: K, read: Callable[[], Awaitable[V]]) -> V:
        """The remembered value, or that of `read`. What `read` raises is not remembered."""
        changes = self._changes = self._changes or self._feed.subscribe(*self._topics)
        if changes.count != self._count:
            self.forget()
            self._count = changes.count
        before = self._times_forgotten
        now = self._clock.boot_seconds()
        if (found := self._remembered.pop(key, None)) and now < found[1]:
            self._remembered[key] = found  # now the one used last
            return found[0]
        value = await read()
        if changes.count == self._count and before == self._times_forgotten:  # or it may have changed while it was read
            self._remembered[key] = value, now + REMEMBERED_SECONDS
            if len(self._remembered) > _MOST_REMEMBERED:
                del self._remembered[next(iter(self._remembered))]
        return value
