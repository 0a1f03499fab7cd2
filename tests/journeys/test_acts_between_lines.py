"""What a person does while the lines of a send are posted takes effect before the next line."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from adapters.outbound.spectrum.soap_spectrum import SoapSpectrum
from adapters.sandbox.spectrum.seed import AUTHORIZATION_IDS
from core.model.connections.connection import Connection, ConnectionSecrets
from core.model.sending.answer import Exchange
from core.model.sending.send import SendState
from core.model.shared.secret import Secret
from core.model.work_orders.cost_line import ItemsMode
from tests.journeys.items import ITEMS, POSTED, books, completed_job
from tests.journeys.world import NORTH, World

Act = Callable[[], Awaitable[Any]]
During = Callable[[Act], None]


@pytest.fixture
def during_first_line(monkeypatch: pytest.MonkeyPatch) -> During:
    """Do something before the answer to the first line is stored."""
    acts: list[Act] = []
    add_line = SoapSpectrum.add_line

    async def watched(self: Any, *given: Any, **more: Any) -> Exchange:
        exchange = await add_line(self, *given, **more)
        while acts:
            await acts.pop()()
        return exchange

    monkeypatch.setattr(SoapSpectrum, "add_line", watched)
    return acts.append


async def drain_alone(world: World) -> None:
    """As a worker does for whom nobody else waits."""
    connection_id = (await world.connection()).id
    while await world.drain_connection(connection_id, give_way=lambda: False):
        pass


async def test_a_pause_of_the_connection(world: World, during_first_line: During) -> None:
    send = await world.request(completed_job(world, *ITEMS), items=ItemsMode.NEW_ONLY)
    pause = world.use_cases.pause_connection
    during_first_line(lambda: pause(world.tenant.id, NORTH, paused=True))
    await drain_alone(world)
    assert books(world) == POSTED[:1]
    assert (await world.show(send)).state is SendState.SENDING

    await pause(world.tenant.id, NORTH, paused=False)
    await drain_alone(world)
    assert books(world) == POSTED
    assert (await world.show(send)).state is SendState.SENT


async def test_a_pause_of_the_tenant(world: World, during_first_line: During) -> None:
    send = await world.request(completed_job(world, *ITEMS), items=ItemsMode.NEW_ONLY)
    pause = world.use_cases.change_tenant.pause
    during_first_line(lambda: pause(world.tenant, paused=True, by="operator"))
    await drain_alone(world)
    assert books(world) == POSTED[:1]

    await pause(world.tenant, paused=False, by="operator")
    await drain_alone(world)
    assert books(world) == POSTED
    assert (await world.show(send)).state is SendState.SENT


async def test_a_new_authorization_id(world: World, during_first_line: During) -> None:
    """The old one is refused from then on: nothing is held for it, since the new one is known."""
    send = await world.request(completed_job(world, *ITEMS), items=ItemsMode.NEW_ONLY)

    async def renew() -> None:
        ids = world.spectrum.state.authorizations
        ids["NEW-ID-4711"] = ids.pop(AUTHORIZATION_IDS["101"])

        def edit(before: Connection, _: ConnectionSecrets) -> tuple[Connection, ConnectionSecrets]:
            return before, ConnectionSecrets(Secret("NEW-ID-4711"))

        await world.use_cases.change_connection(world.tenant.id, NORTH, edit, version=None, by="it", check=False)

    during_first_line(renew)
    await drain_alone(world)
    assert books(world) == POSTED
    assert (await world.show(send)).state is SendState.SENT
    assert (await world.connection()).hold is None
