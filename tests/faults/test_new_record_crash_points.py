"""SIGKILL at every moment of a new site, whatever becomes of its call: made once, or told; never lost, doubled, stuck.

A moment is the instant before or after a remote call or a commit; every one is tried, with FAULTS=full for every
outcome.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.sandbox.faults import Fault, FaultKind
from core.model.creations.creation import Creation, CreationState
from tests.faults.support.crash_injector import assert_committed_around, last_run
from tests.faults.support.new_sites import SERVICE, allow_sites, calls, confirm, show, sites_with
from tests.faults.support.worker_harness import QUIET, WorkerHarness, open_harness
from tests.faults.test_crash_points import MOST_MOMENTS

pytestmark = pytest.mark.long

CALL = "SoapSpectrum.add_record"
OUTCOMES: dict[str, Fault | None] = {
    "made": None,
    "request lost": Fault(FaultKind.DROP_BEFORE_APPLY, match=SERVICE),
    "made and answer lost": Fault(FaultKind.APPLY_THEN_DROP, match=SERVICE),
    "refused": Fault(FaultKind.ROWS, match=SERVICE, text="I Site_State State is not valid"),
    "made late": Fault(FaultKind.APPLY_LATE, match=SERVICE, seconds=0.05),
}

TRIED = OUTCOMES if os.environ.get("FAULTS") == "full" else ("request lost", "made and answer lost")


async def test_a_new_site_survives_a_kill_at_every_moment_whatever_becomes_of_it(
    new_database: Callable[[], str], tmp_path: Path
) -> None:
    async with asyncio.TaskGroup() as beside:
        for outcome in TRIED:
            folder = tmp_path / outcome
            folder.mkdir()
            beside.create_task(kill_at_every_moment(outcome, new_database(), folder))


async def kill_at_every_moment(outcome: str, database_url: str, folder: Path) -> None:
    async with open_harness(database_url, folder) as harness:
        await allow_sites(harness)
        doubts, moments = await every_moment(harness, outcome)
        print(f"\n{outcome}: {moments} moments, {doubts} doubts settled")
        assert moments > 10, "a creation has more than ten moments to die at"
        assert_committed_around(last_run(harness.trail), CALL)
        assert doubts >= 1, "killed between its intent and the stored answer, it is in doubt"


async def every_moment(harness: WorkerHarness, outcome: str) -> tuple[int, int]:
    """How many doubts a person settled, and how many moments there are."""
    doubts = 0
    for dies_at in range(1, MOST_MOMENTS):
        location = harness.servicetrade.state.add_location(f"Dock {dies_at}")
        if fault := OUTCOMES[outcome]:
            harness.spectrum.faults.add(fault)
        creation = await confirm(harness, location, f"DOCK{dies_at}")
        before = calls(harness)
        killed = await harness.crash(dies_at)
        doubts += await settle_and_finish(harness, creation)
        assert calls(harness) - before <= 1, "an unclear creation is never repeated"
        harness.spectrum.faults.clear()
        await confirm_anew(harness, creation)
        made = sites_with(harness, creation.code)
        assert made == 1, f"{made} sites after a kill at moment {dies_at}"
        aliases = await harness.use_cases.aliases.all(harness.tenant_id, "main")
        assert [one.code for one in aliases if one.entry.servicetrade_id == location] == [creation.code]
        if not killed:
            return doubts, dies_at
    pytest.fail("the creation never came to its end")


async def settle_and_finish(harness: WorkerHarness, creation: Creation) -> int:
    """A person looks in Spectrum after the quiet period. Returns how many doubts were settled."""
    await harness.finish()
    await harness.spectrum.faults.applied()
    harness.clock.ahead += QUIET
    await harness.finish()
    settled = 0
    if (await show(harness, creation)).state is CreationState.IN_DOUBT:
        there = creation.code in harness.spectrum.state.companies["101"].sites
        await harness.use_cases.manage_creations.settle(
            harness.tenant_id, creation.id, there=there, reason="Looked.", by="ann"
        )
        settled = 1
        await harness.finish()
    harness.clock.ahead -= QUIET
    after = await show(harness, creation)
    assert not after.state.open, f"stuck: {after.state}"
    there = creation.code in harness.spectrum.state.companies["101"].sites
    assert (after.state is CreationState.CREATED) is there, "what is told is what is in Spectrum"
    return settled


async def confirm_anew(harness: WorkerHarness, creation: Creation) -> None:
    """What was refused, or is not there, is confirmed again."""
    if (await show(harness, creation)).state is not CreationState.CREATED:
        again = await confirm(harness, creation.record_id, creation.code)
        await harness.finish()
        assert (await show(harness, again)).state is CreationState.CREATED
