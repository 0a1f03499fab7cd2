"""A person acts beside somebody who has looked and is about to store what follows from that: the act stays."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace
from typing import Any

import pytest

from adapters.outbound.postgres.changes.send_changes import PostgresSendChanges
from adapters.outbound.servicetrade.aiohttp_service_trade import AiohttpServiceTrade
from adapters.sandbox.servicetrade.seed import CARDINAL_JOBS, FIRST_JOB_ID
from adapters.sandbox.spectrum.seed import AUTHORIZATION_IDS
from core.model.sending.send import SendState, Step
from core.model.shared.secret import Secret
from core.model.tenants.tenant import PasswordLogin, ServiceTradeAccount
from ports.storage.send_changes import DueSend
from tests.journeys.world import NORTH, World
from tests.support.storage_scene import due, until_somebody_waits

Act = Callable[[], Awaitable[Any]]


class AfterLook:
    """Acts once a drain has looked and before it stores what follows from that."""

    def __init__(self, database_url: str) -> None:
        self._database_url = database_url
        self.act: Act | None = None
        self.acting: asyncio.Future[Any] | None = None

    async def begin(self) -> None:
        """Returns once the act has ended, or waits for the drain before it wakes the connection."""
        if self.act:
            self.acting, self.act = asyncio.ensure_future(self.act()), None
            waits = asyncio.ensure_future(until_somebody_waits(self._database_url))
            await asyncio.wait([self.acting, waits], return_when=asyncio.FIRST_COMPLETED)
            waits.cancel()


@pytest.fixture
def after_look(monkeypatch: pytest.MonkeyPatch, database_url: str) -> AfterLook:
    after = AfterLook(database_url)
    next_due = PostgresSendChanges.next_due

    async def watched(
        self: PostgresSendChanges, connection_id: str, steps: Collection[Step], *, last: bool = False, **more: Any
    ) -> DueSend:
        found = await next_due(self, connection_id, steps, last=last, **more)
        if last:
            await after.begin()
        return found

    monkeypatch.setattr(PostgresSendChanges, "next_due", watched)
    return after


async def work(world: World, database_url: str, after: AfterLook) -> None:
    """One look, and then as long as the connection is due."""
    connection_id = (await world.connection()).id
    await world.drain_connection(connection_id)
    assert after.acting
    await after.acting
    while connection_id in await due(database_url):
        await world.drain_connection(connection_id)


async def test_a_paused_connection_is_resumed(world: World, database_url: str, after_look: AfterLook) -> None:
    pause = world.use_cases.pause_connection
    await pause(world.tenant.id, NORTH, paused=True)
    send = await world.request(FIRST_JOB_ID)
    after_look.act = lambda: pause(world.tenant.id, NORTH, paused=False)
    await work(world, database_url, after_look)
    assert (await world.show(send)).state is SendState.SENT


async def test_a_paused_tenant_is_resumed(world: World, database_url: str, after_look: AfterLook) -> None:
    pause = world.use_cases.change_tenant.pause
    tenant = await pause(world.tenant, paused=True, by="operator")
    send = await world.request(FIRST_JOB_ID)
    after_look.act = lambda: pause(tenant, paused=False, by="operator")
    await work(world, database_url, after_look)
    assert (await world.show(send)).state is SendState.SENT


async def test_the_cause_of_a_hold_is_mended(world: World, database_url: str, after_look: AfterLook) -> None:
    ids = world.spectrum.state.authorizations
    ids["ANOTHER"] = ids.pop(AUTHORIZATION_IDS["101"])
    assert (await world.send(FIRST_JOB_ID)).state is SendState.NEEDS_ATTENTION
    send = await world.request(CARDINAL_JOBS[1].id)

    async def mend() -> None:
        ids[AUTHORIZATION_IDS["101"]] = ids.pop("ANOTHER")
        await world.use_cases.pause_connection(world.tenant.id, NORTH, paused=False)

    after_look.act = mend
    await work(world, database_url, after_look)
    assert (await world.show(send)).state is SendState.SENT


async def test_a_tenant_is_paused_while_a_change_of_it_is_checked(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The change does not end the pause."""
    change = world.use_cases.change_tenant
    check = AiohttpServiceTrade.check

    async def pause_beside(self: AiohttpServiceTrade, account: ServiceTradeAccount) -> None:
        await check(self, account)
        await change.pause(world.tenant, paused=True, by="somebody else")

    monkeypatch.setattr(AiohttpServiceTrade, "check", pause_beside)
    login = world.servicetrade.state.login
    wanted = replace(world.tenant, name="Renamed")
    await change(world.tenant, wanted, PasswordLogin(login.username, Secret(login.password)), by="operator")
    assert (await world.send(FIRST_JOB_ID)).state is SendState.QUEUED
    assert world.headers_received() == 0
