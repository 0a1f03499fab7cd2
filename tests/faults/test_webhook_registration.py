"""ServiceTrade's webhook: switched on and off any number of times, with leftovers, and without the needed role."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial

import aiohttp
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.sandbox.faults import Fault, FaultKind
from adapters.sandbox.servicetrade.account import Webhook
from core.model.shared.errors import JobferryError, TenantMends
from core.services.webhooks.servicetrade_webhook import HOOK_PATH, ServiceTradeWebhook
from tests.faults.support.hook import deliver, hooked
from tests.faults.test_events import add_jobs, all_sends, follow, prepare
from tests.journeys.world import PUBLIC_URL, World, open_world

OURS = f"{PUBLIC_URL}{HOOK_PATH}cardinal."
FOREIGN = "https://other.example.com/hooks/servicetrade/cardinal.abc"
NEIGHBOURS = f"{PUBLIC_URL}{HOOK_PATH}neighbour.abc"


@pytest.fixture
async def world(engine: AsyncEngine) -> AsyncIterator[World]:
    async with open_world(engine, deadline_seconds=20.0, plugins=[]) as world:
        await prepare(world)
        yield world


@pytest.fixture
def webhook(world: World) -> ServiceTradeWebhook:
    return world.use_cases.servicetrade_webhook


def urls(world: World) -> list[str]:
    return [hook.hook_url for hook in world.servicetrade.state.webhooks.values()]


def put(world: World, url: str, *, enabled: bool = True) -> str:
    """As an earlier installation, or somebody else, has left it there."""
    state = world.servicetrade.state
    state.webhooks[added := state.take_id()] = Webhook(hook_url=url, enabled=enabled)
    return added


@pytest.mark.long
async def test_on_twice_and_off_twice(world: World, webhook: ServiceTradeWebhook) -> None:
    tenant = world.tenant.id
    assert not (await webhook.show(tenant)).on
    first = await webhook.switch_on(tenant, by="ann")
    again = await webhook.switch_on(tenant, by="ann")
    assert (first.on, again.on, again.webhook_id) == (True, True, first.webhook_id)
    assert await webhook.show(tenant) == again
    [url] = urls(world)
    assert url.startswith(OURS)
    await webhook.switch_off(tenant, by="ann")
    await webhook.switch_off(tenant, by="ann")
    assert urls(world) == []
    assert not (await webhook.show(tenant)).on


async def test_leftovers_go_and_other_peoples_hooks_stay(world: World, webhook: ServiceTradeWebhook) -> None:
    for url in (f"{OURS}forgotten", FOREIGN, NEIGHBOURS):
        put(world, url)
    put(world, f"{OURS}switched-off", enabled=False)
    on = await webhook.switch_on(world.tenant.id, by="ann")
    mine = world.servicetrade.state.webhooks[on.webhook_id or ""].hook_url
    assert sorted(urls(world)) == sorted([FOREIGN, NEIGHBOURS, mine])
    await webhook.switch_off(world.tenant.id, by="ann")
    assert sorted(urls(world)) == sorted([FOREIGN, NEIGHBOURS])


async def test_one_that_servicetrade_has_disabled_is_replaced(world: World, webhook: ServiceTradeWebhook) -> None:
    first = await webhook.switch_on(world.tenant.id, by="ann")
    world.servicetrade.state.webhooks[first.webhook_id or ""].enabled = False
    assert not (await webhook.show(world.tenant.id)).on
    second = await webhook.switch_on(world.tenant.id, by="ann")
    assert second.on
    assert list(world.servicetrade.state.webhooks) == [second.webhook_id]


async def test_one_at_a_former_address_of_ours_is_replaced(world: World, webhook: ServiceTradeWebhook) -> None:
    first = await webhook.switch_on(world.tenant.id, by="ann")
    moved = world.servicetrade.state.webhooks[first.webhook_id or ""]
    moved.hook_url = moved.hook_url.replace(PUBLIC_URL, "https://former.example.com")
    second = await webhook.switch_on(world.tenant.id, by="ann")
    [url] = urls(world)
    assert second.on
    assert url.startswith(OURS)


async def test_a_registration_whose_answer_was_lost_is_recognised(world: World, webhook: ServiceTradeWebhook) -> None:
    world.servicetrade.faults.add(Fault(FaultKind.APPLY_THEN_DROP, match="/webhook", method="POST"))
    with pytest.raises(JobferryError):
        await webhook.switch_on(world.tenant.id, by="ann")
    assert (await webhook.switch_on(world.tenant.id, by="ann")).on
    assert len(urls(world)) == 1


async def test_without_the_role_nothing_is_registered_and_the_poll_goes_on(
    world: World, webhook: ServiceTradeWebhook
) -> None:
    settings = world.servicetrade.state.settings
    settings.forbidden = ["/webhook"]
    for call in (partial(webhook.switch_on, by="ann"), webhook.show, partial(webhook.switch_off, by="ann")):
        with pytest.raises(TenantMends) as caught:
            await call(world.tenant.id)
        assert caught.value.code == "ST_PERMISSION"
    [job_id] = add_jobs(world, 1)
    world.servicetrade.state.complete(job_id)
    await world.later(6)
    await follow(world)
    assert [send.job_id for send in await all_sends(world)] == [job_id]
    settings.forbidden = []
    assert (await webhook.switch_on(world.tenant.id, by="ann")).on


@pytest.mark.long
async def test_an_address_that_is_not_ours_or_not_any_more_is_not_there(world: World) -> None:
    async with hooked(world) as address, aiohttp.ClientSession() as session:
        [job_id] = add_jobs(world, 1)
        assert await deliver(session, address, job_id) == 204
        assert await deliver(session, address + "x", job_id) == 404
        await world.use_cases.servicetrade_webhook.switch_off(world.tenant.id, by="ann")
        assert await deliver(session, address, job_id) == 404
