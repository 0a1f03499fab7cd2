"""A connection or a tenant is removed and set up again: nothing of it is left behind, and nothing is posted twice."""

from __future__ import annotations

import psycopg
import pytest

from core.model.access.api_key import Scope
from core.model.access.caller import Caller
from core.model.connections.settings import OnCompletion
from core.model.sending.send import SendState
from core.model.sending.send_filter import SendFilter
from core.model.shared.errors import Conflict
from core.model.work_orders.cost_line import ItemsMode
from core.services.access.api_keys import KeyRequest
from tests.journeys.items import NUMBER, add_item, books, completed_job, lose_the_answer
from tests.journeys.world import NORTH, World

GAUGE = f"{NUMBER} GAUGE-300 2"


async def remove_north(world: World) -> None:
    await world.use_cases.remove_connection(world.tenant.id, NORTH, version=None, by="ann")


@pytest.mark.parametrize("mode", [ItemsMode.NEW_ONLY, ItemsMode.DIFFERENCE])
async def test_a_connection_set_up_again_posts_only_what_is_new(world: World, mode: ItemsMode) -> None:
    job_id = completed_job(world, "GAUGE-300 2 18.40")
    await world.send(job_id, items=mode)
    await remove_north(world)
    await world.connect(world.tenant, NORTH)
    add_item(world, job_id, "CV4G 1 412.85")
    plan = await world.preview(job_id, items=mode)
    assert [left.code for left in plan.left_out] == ["posted_before"]
    ended = SendState.SENT if mode is ItemsMode.NEW_ONLY else SendState.SENT_WITH_WARNINGS
    assert (await world.send(job_id, items=mode)).state is ended, "how much of it stands is not known for a difference"
    assert books(world) == [GAUGE, f"{NUMBER} CV4G 1"]


async def test_again_posts_it_once_more_by_name(world: World) -> None:
    job_id = completed_job(world, "GAUGE-300 2 18.40")
    await world.send(job_id, items=ItemsMode.NEW_ONLY)
    await remove_north(world)
    await world.connect(world.tenant, NORTH)
    await world.send(job_id, items=ItemsMode.AGAIN)
    assert books(world) == [GAUGE, GAUGE]


async def test_another_company_waits_for_a_word_since_the_job_carries_a_number_it_does_not_know(world: World) -> None:
    job_id = completed_job(world, "GAUGE-300 2 18.40")
    await world.send(job_id, items=ItemsMode.NEW_ONLY)
    await remove_north(world)
    await world.connect(world.tenant, NORTH, company_code="102")
    plan = await world.preview(job_id, items=ItemsMode.NEW_ONLY)
    assert (plan.lines, plan.items_held and plan.items_held.code) == ((), "ITEMS_BEFORE_UNKNOWN")
    await world.use_cases.declare_items(world.tenant.id, NORTH, job_id, "none", reason="nothing there", by="ann")
    plan = await world.preview(job_id, items=ItemsMode.NEW_ONLY)
    assert [line.code for line in plan.lines] == ["GAUGE-300"]


async def test_a_whole_tenant_set_up_again_posts_nothing_twice(world: World) -> None:
    job_id = completed_job(world, "GAUGE-300 2 18.40")
    await world.send(job_id, items=ItemsMode.NEW_ONLY)
    await world.use_cases.change_tenant.remove(world.tenant, by="ann")
    world.tenant = await world.add_tenant("cardinal", world.servicetrade)
    await world.connect(world.tenant, NORTH)
    plan = await world.preview(job_id, items=ItemsMode.NEW_ONLY)
    assert plan.lines == ()


async def test_a_doubt_must_be_settled_before_its_connection_goes(world: World) -> None:
    lose_the_answer(world)
    await world.send(completed_job(world, "GAUGE-300 2 18.40"), items=ItemsMode.NEW_ONLY)
    with pytest.raises(Conflict) as refused:
        await remove_north(world)
    assert refused.value.code == "CONNECTION_BUSY"


async def test_nothing_of_a_removed_tenant_is_left_in_the_database(world: World, database_url: str) -> None:
    await world.send(completed_job(world, "GAUGE-300 2 18.40"), items=ItemsMode.NEW_ONLY)
    await world.send(completed_job(world, "NOT-THERE 1 1"), items=ItemsMode.NEW_ONLY)
    failed = SendFilter(states=[SendState.NEEDS_ATTENTION])
    for send in (await world.use_cases.list_sends(world.tenant.id, failed)).sends:
        await world.use_cases.send_actions.mark_done(world.tenant.id, send.id, reason="typed in", by="ann")
    await world.drain()
    await world.use_cases.servicetrade_webhook.switch_on(world.tenant.id, by="ann")
    await world.change(on_completion=OnCompletion.SEND, completion_start_date=world.clock.now())
    await world.sync_completions(world.tenant.id)
    await world.drain()
    request = KeyRequest(name="billing", tenant_id=world.tenant.id, scopes=frozenset(Scope))
    await world.use_cases.api_keys.create(request, Caller())
    await world.use_cases.change_tenant.remove(world.tenant, by="ann")
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        found = await connection.execute(
            "SELECT table_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND column_name = 'tenant_id'"
        )
        tables = [row[0] for row in await found.fetchall()]
        assert len(tables) > 12
        for table in tables:
            left = await connection.execute(f"SELECT count(*) FROM {table} WHERE tenant_id = %s", (world.tenant.id,))
            assert await left.fetchone() == (0,), table
        assert await (await connection.execute("SELECT count(*) FROM tenants")).fetchone() == (0,)
