"""One tenant's many connections beside another tenant's send: real sockets, a real PostgreSQL and a worker. What is
shown is who has a turn at the database, and who waits for whom, not how fast."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict, deque

from adapters.outbound.postgres.server.turns import AT_ONCE, Turns
from core.model.sending.send import Send, SendState
from core.model.tenants.tenant import Tenant
from ports.storage.due_work import Slots
from tests.journeys.test_silent_spectrums import PATIENCE, job, sent, silent_servers, with_silent_spectrums, worker
from tests.journeys.world import NORTH, World

SLOTS = Slots(40, 20)
BUSY, EACH = 12, 8


class WatchedTurns(Turns):
    """Notes how many turns of others were given while somebody waited, and how many a tenant had at once."""

    def __init__(self) -> None:
        super().__init__()
        self.begun: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        self.waited_for: defaultdict[str, list[int]] = defaultdict(list)
        self.share_is_taken = asyncio.Event()
        self._asked: defaultdict[str, deque[int]] = defaultdict(deque)

    @property
    def given(self) -> int:
        """How many count at this moment."""
        return self._taken.total()

    async def take(self, tenant_id: str) -> None:
        self._asked[tenant_id].append(self._of_others(tenant_id))
        await super().take(tenant_id)

    def _begin(self, tenant_id: str) -> None:
        super()._begin(tenant_id)
        self.waited_for[tenant_id].append(self._of_others(tenant_id) - self._asked[tenant_id].popleft())
        self.begun[tenant_id] += 1
        self.most[tenant_id] = max(self.most[tenant_id], self._taken[tenant_id])
        if self._taken[tenant_id] == AT_ONCE - 1:
            self.share_is_taken.set()

    def _of_others(self, tenant_id: str) -> int:
        return self.begun.total() - self.begun[tenant_id]


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
            await turns.share_is_taken.wait()
        await sent(world, await world.request(job(world, 800000), connection=NORTH))
        left = [await world.show(send, tenant=tenant) for send in waiting[EACH - 1 :: EACH]]
        assert any(send.state is not SendState.SENT for send in left), "the busy tenant was busy until the end"
    own = turns.waited_for[world.tenant.id]
    assert own[0] == 0, "the busy tenant leaves one turn free"
    # Three may ask at the same time: who requests it, who waits for its end, and its drain.
    assert max(own) <= 2
    assert turns.most[tenant.id] == AT_ONCE - 1


async def test_a_call_to_a_remote_system_holds_no_turn(world: World, database_url: str) -> None:
    calls = AT_ONCE + 2
    async with silent_servers(calls, drips=False) as silent:
        await with_silent_spectrums(world, silent)
        turns = watched(world)
        async with worker(world, database_url, SLOTS):
            async with asyncio.timeout(PATIENCE):
                assert len({await silent[0].called.get() for _ in range(calls)}) == calls
            assert turns.given == 0
            for one in silent:
                one.over.set()
