"""Real workers are killed with SIGKILL at random while many connections send items over a line that breaks at random.

Afterwards a person settles what is in doubt from Spectrum's books: nothing lost, nothing doubled, nothing stuck.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import psycopg
import pytest

from adapters.sandbox.faults import UNTIL_CLEARED, Fault, FaultKind
from core.model.sending.send import SendState
from core.model.work_orders.cost_line import LineState
from tests.faults.support.crash_worker import Orders
from tests.faults.support.fixtures import expected, in_spectrum, lines_of
from tests.faults.support.steady_load import ON_LINES, SteadyLoad
from tests.faults.support.worker_harness import Worker, WorkerHarness, open_harness

pytestmark = pytest.mark.long

FULL = os.environ.get("FAULTS") == "full"
KILLS = 2000 if FULL else 100
CONNECTIONS, WORKERS, IN_FLIGHT = 20, 3, 60
LIVES_ON, HEADER_WITHIN = 0.3, 4.0
"""Seconds. A worker dies within `LIVES_ON` of a call for a line, however slow the machine is; what became of its header
is looked at after `HEADER_WITHIN`."""
SYSTEMS = ("spectrum", *(f"system_{number}" for number in range(2, CONNECTIONS + 1)))
TROUBLE = (
    Fault(FaultKind.APPLY_THEN_DROP, match=ON_LINES, times=UNTIL_CLEARED, chance=0.12),
    Fault(FaultKind.DROP_BEFORE_APPLY, match=ON_LINES, times=UNTIL_CLEARED, chance=0.12),
    Fault(FaultKind.APPLY_LATE, match=ON_LINES, times=UNTIL_CLEARED, chance=0.1, seconds=0.5),
    Fault(FaultKind.LATENCY, match=ON_LINES, times=UNTIL_CLEARED, chance=0.5, seconds=0.05),
)


@dataclass(slots=True)
class Storm:
    harness: WorkerHarness
    dice: Random
    load: SteadyLoad
    kills: int = 0
    in_the_middle: int = 0

    async def one_worker_after_the_other(self) -> None:
        while self.kills < KILLS:
            worker = self.harness.start(Orders(self.harness.database_url, header_within=HEADER_WITHIN))
            await self.load.next_line()
            await asyncio.sleep(self.dice.uniform(0, LIVES_ON))
            worker.signal(signal.SIGKILL)
            killed = await worker.ended() != 0
            under_way = await self._under_way()
            self.kills += killed
            self.in_the_middle += under_way > 0

    async def _under_way(self) -> int:
        """Lines whose call was under way when a worker died, before the next one owns up to it."""
        async with await psycopg.AsyncConnection.connect(self.harness.database_url) as connection:
            found = await connection.execute("SELECT count(*) FROM cost_lines WHERE state = 'sending'")
            row = await found.fetchone()
            return int(row[0]) if row else 0


@pytest.fixture
async def harness(database_url: str, tmp_path: Path) -> AsyncIterator[WorkerHarness]:
    async with open_harness(database_url, tmp_path, SYSTEMS) as harness:
        yield harness


async def test_workers_die_at_random_and_every_item_is_posted_once(harness: WorkerHarness) -> None:
    seed = int(os.environ.get("FAULTS_SEED", "26"))
    load = SteadyLoad(harness, IN_FLIGHT)
    storm = Storm(harness, Random(seed), load)
    for fault in TROUBLE:
        harness.spectrum.faults.add(fault)
    async with asyncio.TaskGroup() as beside:
        beside.create_task(load.feed(lambda: storm.kills < KILLS))
        for _ in range(WORKERS):
            beside.create_task(storm.one_worker_after_the_other())
    met = {kind for call in harness.spectrum.requests.calls if (kind := call.fault)}
    harness.spectrum.faults.clear()
    await calm_down(harness, load)
    lines = await lines_of(harness.use_cases, load.sends)
    print(
        f"\nseed {seed}: {storm.kills} kills, {storm.in_the_middle} with a line under way, {len(load.sends)} sends, "
        f"{len(lines)} lines, verdicts {dict(harness.verdicts)}, faults {sorted(met)}"
    )
    assert storm.kills >= KILLS
    assert storm.in_the_middle >= KILLS // 20, "the kills hit lines under way"
    assert harness.verdicts[LineState.POSTED], "some were there"
    assert harness.verdicts[LineState.NOT_POSTED], "some were not"
    assert met >= {fault.kind for fault in TROUBLE}
    assert in_spectrum(harness.spectrum.state) == expected(load.numbers), "every item once: none lost, none doubled"
    states = {(await harness.show(send)).state for send in load.sends}
    assert states == {SendState.SENT}, "none stuck"


async def calm_down(harness: WorkerHarness, load: SteadyLoad) -> None:
    """A last worker that nobody kills takes over what the dead ones held, then a person settles the doubts."""
    last: Worker = harness.start(Orders(harness.database_url, header_within=HEADER_WITHIN))
    try:
        await load.wait_until_settled()
    finally:
        last.signal(signal.SIGTERM)
        await last.ended()
    await harness.settle_and_finish()
