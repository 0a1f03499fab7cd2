"""Random lives of new sites: workers die at random moments, calls end in every way, and people act in between.

Each site is made once or told as not made: 0 lost, 0 doubled, 0 stuck.
"""

from __future__ import annotations

import os
from collections import Counter
from random import Random

import pytest

from core.model.creations.creation import Creation, CreationState
from core.model.shared.errors import Conflict
from tests.faults.support.new_sites import allow_sites, calls, confirm, show, sites_with
from tests.faults.support.worker_harness import WorkerHarness
from tests.faults.test_new_record_crash_points import OUTCOMES, settle_and_finish

pytestmark = pytest.mark.long

FULL = os.environ.get("FAULTS") == "full"
SEEDS, LIVES, MOST_KILLS, LAST_MOMENT = (range(60), 12, 3, 16) if FULL else (range(26, 27), 5, 3, 16)


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_random_life_makes_each_site_once(harness: WorkerHarness, seed: int) -> None:
    await allow_sites(harness)
    dice, seen = Random(seed), Counter[str]()
    for number in range(LIVES):
        await live(harness, dice, f"LIFE{number}", seen)
    print(f"\nseed {seed}: {dict(seen)}")
    assert seen["killed"], "some died"


async def live(harness: WorkerHarness, dice: Random, code: str, seen: Counter[str]) -> None:
    location = harness.servicetrade.state.add_location(f"Dock {code}")
    creation = await confirm(harness, location, code)
    while True:
        before = calls(harness)
        outcome = dice.choice(list(OUTCOMES))
        if fault := OUTCOMES[outcome]:
            harness.spectrum.faults.add(fault)
        seen[outcome] += 1
        for _ in range(dice.randint(0, MOST_KILLS)):
            seen["killed"] += await harness.crash(dice.randint(1, LAST_MOMENT))
            if dice.random() < 0.2:
                await cancel(harness, creation, seen)
        seen["settled"] += await settle_and_finish(harness, creation)
        assert calls(harness) - before <= 1, "an unclear creation was repeated"
        harness.spectrum.faults.clear()
        after = await show(harness, creation)
        assert sites_with(harness, code) == (after.state is CreationState.CREATED), after.state
        if after.state is CreationState.CREATED:
            assert after.code_kept_at, "stuck before its code was kept"
            break
        creation = await confirm(harness, location, code)
        seen["confirmed anew"] += 1
    aliases = await harness.use_cases.aliases.all(harness.tenant_id, "main")
    assert [one.code for one in aliases if one.entry.servicetrade_id == location] == [code]


async def cancel(harness: WorkerHarness, creation: Creation, seen: Counter[str]) -> None:
    """Taken while the call has not left, refused afterwards."""
    try:
        await harness.use_cases.manage_creations.cancel(harness.tenant_id, creation.id, by="bea")
    except Conflict:
        seen["too late to cancel"] += 1
    else:
        seen["cancelled"] += 1
