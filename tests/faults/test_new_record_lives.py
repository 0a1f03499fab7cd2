"""Random lives of new sites: workers die at random moments, calls end in every way, and people act in between.

Each location gets one site or none, and it is told which: 0 lost, 0 doubled, 0 stuck.
"""

from __future__ import annotations

import os
from collections import Counter
from random import Random

import pytest

from tests.faults.support.mortal import mortals
from tests.faults.support.site_life import SiteLife, remove_tenant_in_the_middle
from tests.faults.support.worker_harness import WorkerHarness
from tests.faults.test_new_record_crash_points import OUTCOMES

pytestmark = pytest.mark.long

SEEDS = range(40) if os.environ.get("FAULTS") == "full" else range(26, 27)
LIVES = 10
ALWAYS = ("killed", "confirmed twice at once", "settled")
"""Happens in every ten lives."""


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_random_life_makes_each_site_once(harness: WorkerHarness, seed: int) -> None:
    dice, seen = Random(seed), Counter[str]()
    async with mortals(harness) as workers:
        for number in range(LIVES):
            await SiteLife(harness, workers, dice, seen, OUTCOMES, f"L{number}").live()
        await remove_tenant_in_the_middle(harness, workers, dice, seen, OUTCOMES)
    print(f"\nseed {seed}: {dict(sorted(seen.items()))}")
    assert seen["lives"] == LIVES
    assert all(seen[one] for one in ALWAYS)
