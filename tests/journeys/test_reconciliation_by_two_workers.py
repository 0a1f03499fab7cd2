"""Two workers carry out one reconciliation, because the first one was taken for dead: it changes nothing afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from core.model.reconciliation.entry import Kind
from tests.journeys.planted import Planted, never_sent
from tests.journeys.test_reconciliation import carry_out, found_by, start
from tests.journeys.world import World

PLACES = ("completed_between", "describe_job")
"""Calls of ServiceTrade after which the first worker stands still: it has read, and not stored yet."""


class StandsStill:
    """ServiceTrade as it is, but the first worker gets the answer of one call only when the other has ended."""

    def __init__(self, remote: Any, place: str) -> None:
        self._remote, self._place, self._first = remote, place, True
        self.reached, self.go_on = asyncio.Event(), asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._remote, name)

    async def completed_between(self, *asked: Any) -> AsyncIterator[Any]:
        found = [one async for one in self._remote.completed_between(*asked)]
        await self._stand("completed_between")
        for one in found:
            yield one

    async def describe_job(self, *asked: Any) -> Any:
        found = await self._remote.describe_job(*asked)
        await self._stand("describe_job")
        return found

    async def _stand(self, place: str) -> None:
        if place == self._place and self._first:
            self._first = False
            self.reached.set()
            await self.go_on.wait()


@pytest.mark.parametrize("place", PLACES)
async def test_a_worker_that_comes_back_after_the_end_changes_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    planted = Planted(world)
    await planted.connect()
    job_id = await planted.plant(never_sent, Kind.MISSING)
    run, worker = await start(world), world.carry_out_reconciliation
    remote = StandsStill(worker._service_trade, place)
    for service in (worker, worker._compare_job):
        monkeypatch.setattr(service, "_service_trade", remote)
    first = asyncio.create_task(worker(world.tenant.id, run.id))
    await remote.reached.wait()
    if place == "completed_between":  # so that the second worker lists another state of it than the first one
        world.job(job_id).updated += 60
    ended = await carry_out(world, run)
    found = await found_by(world, run)
    remote.go_on.set()
    await first
    assert await world.use_cases.read_reconciliations.show(world.tenant.id, run.id) == ended
    assert await found_by(world, run) == found
    assert (ended.tally.checked, ended.tally.differs()) == (1, 1)
