"""What was read before a change is not remembered after it, whoever asks meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from adapters.outbound.memory.change_feed import MemoryChangeFeed
from core.services.access.told_cache import ToldCache
from ports.change_feed import KEYS, key_topic
from tests.journeys.world import MovableClock

OLD, NEW = "old", "new"


@pytest.fixture
def feed() -> MemoryChangeFeed:
    return MemoryChangeFeed()


@pytest.fixture
def cache(feed: MemoryChangeFeed) -> ToldCache[str, str]:
    return ToldCache(MovableClock(), feed, KEYS)


async def new() -> str:
    return NEW


async def slow_read(cache: ToldCache[str, str], changed: Callable[[], None]) -> str:
    """Read a value that is changed before the read ends, and another one beside it."""
    reading, read = asyncio.Event(), asyncio.Event()

    async def old() -> str:
        reading.set()
        await read.wait()
        return OLD

    asked = asyncio.create_task(cache.get("one", old))
    await reading.wait()
    changed()
    await cache.get("other", new)
    read.set()
    return await asked


async def test_a_change_is_told_during_a_read(cache: ToldCache[str, str], feed: MemoryChangeFeed) -> None:
    assert await slow_read(cache, lambda: feed.tell(key_topic("key_1"))) == OLD
    assert await cache.get("one", new) == NEW


async def test_the_cache_forgets_during_a_read(cache: ToldCache[str, str]) -> None:
    assert await slow_read(cache, cache.forget) == OLD
    assert await cache.get("one", new) == NEW
