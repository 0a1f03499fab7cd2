"""How many sessions of the database a worker has at most: as many as the page on sizing says."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from adapters.bootstrap.worker import work_on
from adapters.inbound.worker.worker import QUEUE_CONNECTIONS
from adapters.outbound.postgres.server.engines import service_engine
from adapters.outbound.postgres.transactions import make_engine
from tests.support.running_worker import no_drain

SIZING = Path(__file__).parents[3] / "docs" / "sizing.md"
LISTENER = 1


def most_of(engine: AsyncEngine) -> int:
    assert isinstance(engine.pool, AsyncAdaptedQueuePool)
    return engine.pool.size() + engine.pool._max_overflow


async def test_the_page_on_sizing_says_how_many_sessions_a_worker_has(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_the_queue: list[AsyncEngine] = []

    def noted(url: str, **pool: Any) -> AsyncEngine:
        of_the_queue.append(service_engine(url, **pool))
        return of_the_queue[-1]

    monkeypatch.setattr("adapters.bootstrap.worker.service_engine", noted)
    stop = asyncio.Event()
    stop.set()
    await work_on(database_url, no_drain, stop=stop)
    engines = [make_engine(database_url), *of_the_queue]
    most = sum(map(most_of, engines)) + QUEUE_CONNECTIONS + LISTENER
    assert f"up to {most} for each process" in SIZING.read_text(encoding="utf-8")
