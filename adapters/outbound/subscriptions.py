"""The subscriptions of one process: what is told of a topic wakes those who hear it."""

from __future__ import annotations

import asyncio

from ports.change_feed import ChangeFeed, Subscription

_LOOK_SECONDS = 1.0
"""How often those who wait look for themselves while nothing can be heard."""


class Subscriptions(ChangeFeed):
    """The part of a feed that does not depend on how changes are heard. `listening`: whether they are heard now."""

    def __init__(self, *, listening: bool) -> None:
        self._of: dict[str, set[LocalSubscription]] = {}
        self._listening = listening
        self._ended = False

    @property
    def listening(self) -> bool:
        return self._listening

    @property
    def ended(self) -> bool:
        return self._ended

    def subscribe(self, *topics: str) -> Subscription:
        subscription = LocalSubscription(self)
        for topic in topics:
            subscription.add(topic)
        return subscription

    def end(self) -> None:
        self._ended = True
        self._tell_all()

    def tell(self, topic: str) -> None:
        """Wake those who hear this topic, or all of its kind."""
        kind = topic.partition(" ")[0]
        for one in [*self._of.get(topic, ()), *self._of.get(kind, ())]:
            one.told()

    def set_listening(self, listening: bool) -> None:
        """Everybody looks once: at the start something may have been missed, and at the end nothing is heard."""
        self._listening = listening
        self._tell_all()

    @property
    def hearers(self) -> int:
        """How many hear something, each counted once a topic."""
        return sum(map(len, self._of.values()))

    def enter(self, topic: str, subscription: LocalSubscription) -> None:
        self._of.setdefault(topic, set()).add(subscription)

    def leave(self, topic: str, subscription: LocalSubscription) -> None:
        hearers = self._of[topic]
        hearers.remove(subscription)
        if not hearers:
            del self._of[topic]

    def _tell_all(self) -> None:
        for one in {one for hearers in self._of.values() for one in hearers}:
            one.told()


class LocalSubscription(Subscription):
    def __init__(self, feed: Subscriptions) -> None:
        self._feed = feed
        self._topics: set[str] = set()
        self._count = 0
        self._told = asyncio.Event()

    @property
    def count(self) -> int:
        return self._count

    @property
    def ended(self) -> bool:
        return self._feed.ended

    def told(self) -> None:
        self._count += 1
        self._told.set()

    def add(self, topic: str) -> bool:
        if topic in self._topics:
            return False
        self._topics.add(topic)
        self._feed.enter(topic, self)
        return True

    async def next(self, seconds: float) -> bool:
        if self._feed.ended:
            return True
        if not self._feed.listening:
            seconds = min(seconds, _LOOK_SECONDS)
        try:
            async with asyncio.timeout(seconds):
                await self._told.wait()
        except TimeoutError:
            return not self._feed.listening
        self._told.clear()
        return True

    def close(self) -> None:
        for topic in self._topics:
            self._feed.leave(topic, self)
        self._topics.clear()
