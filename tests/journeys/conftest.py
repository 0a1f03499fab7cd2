"""The world of a journey, fresh for every test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.journeys.world import World, open_world


@pytest.fixture
def deadline_seconds() -> float:
    """How long a call to a remote system may take; modules that let calls hang choose a short one."""
    return 20.0


@pytest.fixture
def plugins() -> list[object]:
    """Rules that a connection may use beside the built-in ones."""
    return []


@pytest.fixture
async def world(engine: AsyncEngine, deadline_seconds: float, plugins: list[object]) -> AsyncIterator[World]:
    async with open_world(engine, deadline_seconds=deadline_seconds, plugins=plugins) as world:
        yield world
