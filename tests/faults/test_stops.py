"""Real workers are stopped with SIGTERM at random moments under load, as by an upgrade or a container that moves.

A stop is no crash: each worker ends in time by itself, and leaves no call without its answer. So nobody has to settle
anything, no call is repeated, nothing is lost and nothing doubled.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import psycopg
import pytest

from adapters.bootstrap.settings import SPECTRUM_DEADLINE_SECONDS
from adapters.inbound.worker.worker import HEARTBEAT
from adapters.sandbox.faults import UNTIL_CLEARED, Fault, FaultKind
from core.model.sending.send import SendState
from core.model.work_orders.cost_line import LineState
from tests.faults.support.crash_worker import Orders
from tests.faults.support.fixtures import expected, in_spectrum, lines_of
from tests.faults.support.steady_load import SteadyLoad
from tests.faults.support.worker_harness import WorkerHarness, open_harness

pytestmark = pytest.mark.long

FULL = os.environ.get("FAULTS") == "full"
STOPS = 100 if FULL else 25
CONNECTIONS, WORKERS, IN_FLIGHT = 12, 2, 30
LIVES_ON = 0.5
"""Seconds. A worker is stopped within `LIVES_ON` after a call for a line."""
SYSTEMS = ("spectrum", *(f"system_{number}" for number in range(2, CONNECTIONS + 1)))
HEADER = "/ws/WorkOrderHeader"
SLOW = Fault(FaultKind.LATENCY, match="/ws/", times=UNTIL_CLEARED, chance=0.7, seconds=0.15)


@dataclass(slots=True)
class Stops:
    harness: WorkerHarness
    dice: Random
    load: SteadyLoad
    seconds: list[float] = field(default_factory=list)
    """How long each worker took to end."""
    under_way: int = 0
    """Stops while Spectrum had a call of some worker to answer."""

    async def one_worker_after_the_other(self) -> None:
        while len(self.seconds) < STOPS:
            worker = self.harness.start(orders(self.harness))
            await worker.catches(signal.SIGTERM)
            await self.load.next_line()
            await asyncio.sleep(self.dice.uniform(0, LIVES_ON))
            self.under_way += any(call.status is None for call in self.harness.spectrum.requests.calls[-20:])
            told = time.monotonic()
            worker.signal(signal.SIGTERM)
            assert await worker.ended() == 0
            self.seconds.append(time.monotonic() - told)


@pytest.fixture
async def harness(database_url: str, tmp_path: Path) -> AsyncIterator[WorkerHarness]:
    async with open_harness(database_url, tmp_path, SYSTEMS) as harness:
        yield harness


async def test_workers_that_are_stopped_leave_no_doubt(harness: WorkerHarness) -> None:
    seed = int(os.environ.get("FAULTS_SEED", "26"))
    load = SteadyLoad(harness, IN_FLIGHT)
    stops = Stops(harness, Random(seed), load)
    harness.spectrum.faults.add(SLOW)
    async with asyncio.TaskGroup() as beside:
        beside.create_task(load.feed(lambda: len(stops.seconds) < STOPS))
        for _ in range(WORKERS):
            beside.create_task(stops.one_worker_after_the_other())
    left_by_them = await lines_under_way(harness)
    await work_off(harness, load)
    lines = await lines_of(harness.use_cases, load.sends)
    headers = [call for call in harness.spectrum.requests.applied() if HEADER in call.path]
    print(
        f"\nseed {seed}: {len(stops.seconds)} stops, {stops.under_way} with a call under way, the longest took "
        f"{max(stops.seconds):.1f} s, {len(load.sends)} sends, {len(lines)} lines"
    )
    assert stops.under_way >= STOPS // 4, "the stops hit calls under way"
    assert max(stops.seconds) < SPECTRUM_DEADLINE_SECONDS
    assert left_by_them == 0, "a stopped worker has left an intent without its answer"
    assert {line.state for line in lines} == {LineState.POSTED}
    assert in_spectrum(harness.spectrum.state) == expected(load.numbers), "every item once: none lost, none doubled"
    assert len(headers) == len(load.sends), "no header was written again"
    assert Counter([(await harness.show(send)).state for send in load.sends]) == {SendState.SENT: len(load.sends)}


def orders(harness: WorkerHarness) -> Orders:
    """For a real worker, with the product's heartbeat: with the short one of the crash tests, a worker that a busy
    machine holds up for a second counts as dead, and another one repeats its header."""
    return Orders(harness.database_url, heartbeat=HEARTBEAT)


async def work_off(harness: WorkerHarness, load: SteadyLoad) -> None:
    """A last worker finishes what the others left. Nobody settles anything."""
    last = harness.start(orders(harness))
    await load.wait_until_settled()
    last.signal(signal.SIGTERM)
    assert await last.ended() == 0


async def lines_under_way(harness: WorkerHarness) -> int:
    """Lines that wait for the answer of a call, or for a person."""
    async with await psycopg.AsyncConnection.connect(harness.database_url) as connection:
        found = await connection.execute("SELECT count(*) FROM cost_lines WHERE state IN ('sending', 'in_doubt')")
        row = await found.fetchone()
        return int(row[0]) if row else 0
