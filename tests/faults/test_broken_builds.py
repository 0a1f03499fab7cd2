"""A test that a broken build passes proves nothing: six broken builds through six scenarios, and the judge sees each.

The real build passes the very same scenarios, with the same judge.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest

from adapters.sandbox.faults import Fault, FaultKind
from core.model.sending.send import Send
from core.model.shared.errors import Conflict
from core.model.work_orders.cost_line import ItemsMode
from tests.faults.support.broken_builds import Break
from tests.faults.support.fixtures import Work, in_spectrum, settle_doubts
from tests.faults.support.worker_harness import WorkerHarness, open_harness

pytestmark = pytest.mark.long

FIRST_LINE = "/ws/AddWO"
"""Matches the services that add items and tasks."""
ONE_TASK = Work((), ("REPAIR",))

Scenario = Callable[[WorkerHarness, Break | None], Awaitable[None]]


async def killed_after_the_call(harness: WorkerHarness, broken: Break | None) -> None:
    """The line was posted, and the worker dies before it can say so. The next worker is of the same build."""
    await work_until_dead(harness, broken)
    await harness.start(harness.orders(broken=broken)).ended()


async def answer_lost(harness: WorkerHarness, broken: Break | None) -> None:
    """Spectrum adds the line and the connection breaks; whatever is repeated by itself is repeated at once."""
    harness.spectrum.faults.add(Fault(FaultKind.APPLY_THEN_DROP, match=FIRST_LINE))
    for _ in range(3):
        await harness.start(harness.orders(broken=broken, delays=(0.01, 0.01))).ended()


async def applied_late(harness: WorkerHarness, broken: Break | None) -> None:
    """Spectrum adds the line only after somebody has looked. The person says at once what is to be seen, if allowed."""
    harness.spectrum.faults.add(Fault(FaultKind.APPLY_LATE, match=FIRST_LINE, seconds=1.5))
    await harness.start(harness.orders(broken=broken)).ended()
    with suppress(Conflict):  # too early to say
        await settle_doubts(harness.use_cases, harness.tenant_id, harness.spectrum.state)
    await harness.start(harness.orders(broken=broken)).ended()
    await harness.spectrum.faults.applied()


async def two_workers(harness: WorkerHarness, broken: Break | None) -> None:
    """A worker pauses between choosing a line and storing its intent; a second one comes; the first one goes on."""
    first = harness.start(harness.orders(broken=broken, pauses_before_intent=True))
    await first.stopped()
    second = harness.start(harness.orders(broken=broken))
    second_ended = asyncio.create_task(second.ended())
    await asyncio.wait({second_ended}, timeout=4)
    first.signal(signal.SIGCONT)
    await asyncio.gather(first.ended(), second_ended)


async def work_until_dead(harness: WorkerHarness, broken: Break | None) -> None:
    """Dies right after the first line's call, wherever that is in this build."""
    assert await harness.start(harness.orders(broken=broken, dies_after="SoapSpectrum.add_line")).ended() != 0


SCENARIOS: dict[Break, Scenario] = {
    Break.NO_INTENT: killed_after_the_call,
    Break.RECOVERY_RE_SENDS: killed_after_the_call,
    Break.TIME_OUT_IS_FAILURE: answer_lost,
    Break.HTTP_REPEAT: answer_lost,
    Break.NO_QUIET_PERIOD: applied_late,
    Break.LOCK_IGNORED: two_workers,
}


async def judged(harness: WorkerHarness, scenario: Scenario, broken: Break | None) -> None:
    """Let the scenario happen to a send with two items, settle what is in doubt, and judge."""
    job_id = harness.add_job_with_items()
    send: Send = await harness.request(job_id, items=ItemsMode.NEW_ONLY)
    await scenario(harness, broken)
    await harness.settle_and_finish()
    await harness.assert_posted_once(send, [harness.number])


@pytest.mark.parametrize("scenario", dict.fromkeys(SCENARIOS.values()))
async def test_the_real_build_passes(harness: WorkerHarness, scenario: Scenario) -> None:
    await judged(harness, scenario, None)


@pytest.mark.parametrize("scenario", dict.fromkeys(SCENARIOS.values()))
async def test_the_real_build_passes_with_a_task(
    new_database: Callable[[], str], tmp_path: Path, scenario: Scenario
) -> None:
    async with open_harness(new_database(), tmp_path, work=ONE_TASK) as harness:
        await judged(harness, scenario, None)


@pytest.mark.parametrize("broken", SCENARIOS)
async def test_a_broken_build_is_caught_with_a_task(
    new_database: Callable[[], str], tmp_path: Path, broken: Break
) -> None:
    async with open_harness(new_database(), tmp_path, work=ONE_TASK) as harness:
        with pytest.raises(AssertionError):
            await judged(harness, SCENARIOS[broken], broken)
        assert max(in_spectrum(harness.spectrum.state).values()) == 2, "the task stands there twice"


@pytest.mark.parametrize("broken", SCENARIOS)
async def test_a_broken_build_is_caught(harness: WorkerHarness, broken: Break) -> None:
    with pytest.raises(AssertionError):
        await judged(harness, SCENARIOS[broken], broken)
    assert max(in_spectrum(harness.spectrum.state).values()) == 2, (
        "what the judge saw is a line that stands there twice"
    )
