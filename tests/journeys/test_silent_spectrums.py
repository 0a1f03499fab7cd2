"""Silent Spectrums, hints without end and many waiting sends of one tenant beside another tenant's send: real sockets,
a real PostgreSQL and a worker with few slots. What is shown is who goes on while others hang, not how fast."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from adapters.bootstrap.worker import work_on
from adapters.inbound.worker.worker import GiveWay, Heartbeat
from adapters.sandbox.faults import Fault, FaultKind
from core.model.connections.endpoint import Endpoint
from core.model.sending.send import Send, SendState
from core.model.tenants.tenant import Tenant
from ports.storage.due_work import Slots
from tests.journeys.world import NORTH, World

SLOTS = Slots(6, 2)
SILENT = 5
PATIENCE = 30
"""Seconds until a test fails that waits for an event."""


@dataclass
class SilentSpectrum:
    """Accepts every call and never answers; with `drips` it sends a byte of an answer again and again."""

    drips: bool
    called: asyncio.Queue[str]
    url: str = ""
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        self.called.put_nowait(self.url)
        if self.drips:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 9999\r\n\r\n")
        while self.drips and not self.over.is_set():
            writer.write(b" ")
            await asyncio.sleep(0.05)
        await self.over.wait()
        writer.close()


@asynccontextmanager
async def silent_spectrums(count: int, *, drips: bool) -> AsyncIterator[list[SilentSpectrum]]:
    async with AsyncExitStack() as stack:
        called: asyncio.Queue[str] = asyncio.Queue()
        made = [SilentSpectrum(drips, called) for _ in range(count)]
        for one in made:
            server = await stack.enter_async_context(await asyncio.start_server(one.serve, "127.0.0.1", 0))
            one.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/ws"
        try:
            yield made
        finally:
            for one in made:
                one.over.set()


@asynccontextmanager
async def worker(world: World, url: str, slots: Slots = SLOTS) -> AsyncIterator[None]:
    async def drain(tenant_id: str, connection_id: str, give_way: GiveWay) -> bool:
        return await world.drain_connection(connection_id, tenant_id=tenant_id, give_way=give_way)

    stop = asyncio.Event()
    running = asyncio.create_task(work_on(url, drain, slots=slots, stop=stop, heartbeat=Heartbeat(0.2, 5.0)))
    try:
        yield
    finally:
        stop.set()
        await running


def job(world: World, number: int) -> str:
    state = world.servicetrade.state
    customer, site = state.add_company(spectrum="HARVIEW"), state.add_location(spectrum="HV0002")
    return state.add_job(str(number), customer=customer, location=site, description="Retest")


async def share_is_taken(silent: list[SilentSpectrum]) -> None:
    """Wait until the tenant has as many calls under way as it has places."""
    async with asyncio.timeout(PATIENCE):
        called = {await silent[0].called.get() for _ in range(SLOTS.of_a_tenant)}
    assert len(called) == SLOTS.of_a_tenant


async def sent(world: World, send: Send) -> None:
    async with asyncio.timeout(PATIENCE):
        ended = await world.use_cases.wait_for_send(send.tenant_id, send.id, PATIENCE)
    assert ended.state is SendState.SENT


async def with_silent_spectrums(world: World, silent: list[SilentSpectrum]) -> Tenant:
    """A second tenant whose every connection leads to one of these, each with a send that is due."""
    tenant = await world.add_tenant("silent", world.servicetrade)
    for number, spectrum in enumerate(silent):
        system = f"silent_{number}"
        world.servicetrade.state.external_systems.append(system)
        slug = f"silent-{number}"
        await world.connect(tenant, slug, external_system=system, endpoint=Endpoint.parse(spectrum.url))
        state = world.servicetrade.state
        customer, site = state.add_company(**{system: "HARVIEW"}), state.add_location(**{system: "HV0002"})
        job_id = state.add_job(str(700000 + number), customer=customer, location=site, description="Retest")
        await world.request(job_id, connection=slug, tenant=tenant)
    return tenant


async def test_silent_spectrums_of_one_tenant_have_its_share_and_no_more(world: World, database_url: str) -> None:
    async with silent_spectrums(SILENT, drips=False) as silent:
        await with_silent_spectrums(world, silent)
        async with worker(world, database_url):
            await share_is_taken(silent)
            for number in range(3):
                await sent(world, await world.request(job(world, 800000 + number), connection=NORTH))
            assert silent[0].called.empty(), "the others wait for a place"
            for one in silent:
                one.over.set()


async def test_a_dripping_answer_does_not_help_either(world: World, database_url: str) -> None:
    async with silent_spectrums(SILENT, drips=True) as silent:
        await with_silent_spectrums(world, silent)
        async with worker(world, database_url):
            await share_is_taken(silent)
            await sent(world, await world.request(job(world, 800000), connection=NORTH))
            for one in silent:
                one.over.set()


async def test_a_send_does_not_wait_behind_anothers_many(world: World, database_url: str) -> None:
    """Turns are taken by tenants: whoever has 30 sends waiting has one turn as everybody else."""
    many = await world.add_tenant("many", world.servicetrade)
    await world.connect(many, "many", external_system="spectrum", leading_character="M")
    waiting = [await world.request(job(world, 810000 + n), connection="many", tenant=many) for n in range(30)]
    own = await world.request(job(world, 820000), connection=NORTH)
    world.spectrum.faults.add(Fault(FaultKind.LATENCY, match="/ws/", seconds=0.05, times=-1))
    async with worker(world, database_url):
        await sent(world, own)
        left = [await world.show(send, tenant=many) for send in waiting]
        assert any(send.state is SendState.QUEUED for send in left), "it waited behind all of them"
