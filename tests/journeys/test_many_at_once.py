"""Many sends retried together: a job with several failed sends gets each of its items as often as was asked for."""

from __future__ import annotations

import pytest

from core.model.work_orders.cost_line import ItemsMode
from tests.journeys.items import NUMBER, books, completed_job
from tests.journeys.world import World

GAUGE = "GAUGE-300 2 18.40"
NONE, NEW, AGAIN = ItemsMode.NONE, ItemsMode.NEW_ONLY, ItemsMode.AGAIN


@pytest.mark.parametrize(
    ("asked", "copies"),
    [([AGAIN] * 3, 2), ([NEW, NEW], 1), ([NEW, NONE], 1), ([AGAIN, NEW], 2)],
    ids=lambda given: "-".join(given) if isinstance(given, list) else "",
)
async def test_all_failed_sends_of_a_job_retried_together_post_its_items_once(
    world: World, asked: list[ItemsMode], copies: int
) -> None:
    job_id = completed_job(world, GAUGE)
    customer = world.job(job_id).customer
    assert customer
    external_ids = world.servicetrade.state.companies[customer].external_ids
    if AGAIN in asked:
        await world.send(job_id, items=NEW)
    code = external_ids.pop("spectrum")
    failed = [(await world.send(job_id, items=mode)).id for mode in asked]
    external_ids["spectrum"] = code

    batch = await world.use_cases.batches.retry(world.tenant.id, failed, by="ann")
    assert failed[-1] in {send.id for send in batch.sends}
    await world.drain()
    assert books(world) == [f"{NUMBER} GAUGE-300 2"] * copies
