"""One tenant's many connections beside another tenant's send: real sockets, a real PostgreSQL and a worker. What is
shown is who has a turn at the database, and who waits for whom, not how fast."""

from __future__ import annotations

import asyncio
from collections import Counter

from adapters.outbound.postgres.server.turns import BESIDE_OTHERS, Turns
from core.model.sending.send import Send, SendState
from core.model.tenants.tenant import Tenant
from ports.storage.due_work import Slots
from tests.journeys.test_silent_spectrums import PATIENCE, job, sent, silent_servers, with_silent_spectrums, worker
from tests.journeys.world import NORTH, World

SLOTS = Slots(40, 20)
BUSY, EACH = 12, 8
MANY = 4


class WatchedTurns(Turns):
    """Notes how many turns a tenant had when it was given one: while it was alone, and beside others."""

    def __init__(self) -> None:
        super().__init__()
        self.alone: Counter[str] = Counter()
        self.beside_others: Counter[str] = Counter()
        self.many_at_work = asyncio.Event()

    @property
    def given(self) -> int:
        """How many count at this moment."""
        return self._taken.total()

    def _begin(self, tenant_id: str) -> None:
        most = self.alone if self._share() > BESIDE_OTHERS else self.beside_others
        super()._begin(tenant_id)
        most[tenant_id] = max(most[tenant_id], self._taken[tenant_id])
        if self._taken[tenant_id] >= MANY:
            self.many_at_work.set()


def watched(world: World) -> WatchedTurns:
    turns = WatchedTurns()
    world.transactions._turns = turns  # type: ignore[attr-defined]
    return turns


async def busy_tenant(world: World) -> tuple[Tenant, list[Send]]:
    """With several sends waiting on each of many connections."""
    tenant = await world.add_tenant("busy", world.servicetrade)
    state, waiting = world.servicetrade.state, []
    for number in range(BUSY):
        system = f"busy_{number}"
        state.external_systems.append(system)
        await world.connect(tenant, f"busy-{number}", external_system=system)
        customer, site = state.add_company(**{system: "HARVIEW"}), state.add_location(**{system: "HV0002"})
        for each in range(EACH):
            job_id = state.add_job(
                str(700000 + number * EACH + each), customer=customer, location=site, description="Retest"
            )
            waiting.append(await world.request(job_id, connection=f"busy-{number}", tenant=tenant))
    return tenant, waiting


async def test_a_send_waits_for_no_turn_of_a_tenant_with_many_connections(world: World, database_url: str) -> None:
    tenant, waiting = await busy_tenant(world)
    turns = watched(world)
    async with worker(world, database_url, SLOTS):
        async with asyncio.timeout(PATIENCE):
            await turns.many_at_work.wait()
        await sent(world, await world.request(job(world, 800000), connection=NORTH))
        left = [await world.show(send, tenant=tenant) for send in waiting[EACH - 1 :: EACH]]
        assert any(send.state is not SendState.SENT for send in left), "the busy tenant was busy until the end"
    assert turns.alone[tenant.id] >= MANY
    assert turns.beside_others == {tenant.id: BESIDE_OTHERS, world.tenant.id: BESIDE_OTHERS}


async def test_a_call_to_a_remote_system_holds_no_turn(world: World, database_url: str) -> None:
    calls = MANY
    async with silent_servers(calls, drips=False) as silent:
        await with_silent_spectrums(world, silent)
        turns = watched(world)
        async with worker(world, database_url, SLOTS):
            async with asyncio.timeout(PATIENCE):
                assert len({await silent[0].called.get() for _ in range(calls)}) == calls
            assert turns.given == 0
            for one in silent:
                one.over.set()
