"""Silent remote systems, hints in hundreds and many waiting sends of one tenant beside another tenant's sends and
completions: real sockets, a real PostgreSQL and a worker with few slots. What is shown is who goes on while others
hang, not how fast."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from adapters.bootstrap.worker import work_on
from adapters.inbound.worker.worker import GiveWay, Heartbeat
from adapters.outbound.postgres.tables.setup import hints
from adapters.sandbox.faults import UNTIL_CLEARED, Fault, FaultKind
from adapters.sandbox.servicetrade.sandbox import ServiceTradeSandbox
from core.model.connections.endpoint import Endpoint
from core.model.connections.settings import OnCompletion
from core.model.sending.send import Send, SendState
from core.model.sending.send_filter import SendFilter
from core.model.shared.secret import Secret
from core.model.tenants.tenant import PasswordLogin, Tenant
from core.services.service import Service
from core.services.tenants.sync_completions import SyncCompletions
from core.services.webhooks.servicetrade_webhook import webhook_digest
from ports.storage.due_work import Slots
from ports.storage.webhooks import WebhookRecord
from tests.journeys.world import NORTH, World

SLOTS = Slots(6, 2)
SILENT = 5
HINTS = 300
PATIENCE = 30
"""Seconds until a test fails that waits for an event."""


@dataclass
class SilentServer:
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
async def silent_servers(count: int, *, drips: bool = False) -> AsyncIterator[list[SilentServer]]:
    async with AsyncExitStack() as stack:
        called: asyncio.Queue[str] = asyncio.Queue()
        made = [SilentServer(drips, called) for _ in range(count)]
        for one in made:
            server = await stack.enter_async_context(await asyncio.start_server(one.serve, "127.0.0.1", 0))
            one.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/ws"
        try:
            yield made
        finally:
            for one in made:
                one.over.set()


@dataclass
class Working:
    """What a worker does: how much runs for each tenant now, and the most that ran at once."""

    running: Counter[str] = field(default_factory=Counter)
    most: Counter[str] = field(default_factory=Counter)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    @asynccontextmanager
    async def slice_of(self, tenant_id: str) -> AsyncIterator[None]:
        self.running[tenant_id] += 1
        self.most[tenant_id] = max(self.most[tenant_id], self.running[tenant_id])
        await self._tell()
        try:
            yield
        finally:
            self.running[tenant_id] -= 1
            await self._tell()

    async def until(self, seen: Callable[[], Awaitable[bool]]) -> None:
        """Return when `seen` is true after a slice has begun or ended."""
        async with asyncio.timeout(PATIENCE), self._changed:
            while not await seen():
                await self._changed.wait()

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()


@asynccontextmanager
async def worker(world: World, url: str, slots: Slots = SLOTS) -> AsyncIterator[Working]:
    working = Working()

    async def drain(tenant_id: str, connection_id: str, give_way: GiveWay) -> bool:
        async with working.slice_of(tenant_id):
            return await world.drain_connection(connection_id, tenant_id=tenant_id, give_way=give_way)

    async def follow(tenant_id: str) -> None:
        async with working.slice_of(tenant_id):
            await world.sync_completions(tenant_id)

    stop, heartbeat = asyncio.Event(), Heartbeat(0.2, 5.0)
    running = asyncio.create_task(
        work_on(url, drain, sync_completions=follow, slots=slots, stop=stop, heartbeat=heartbeat)
    )
    try:
        yield working
    finally:
        stop.set()
        await running


def job(world: World, number: int) -> str:
    state = world.servicetrade.state
    customer, site = state.add_company(spectrum="HARVIEW"), state.add_location(spectrum="HV0002")
    return state.add_job(str(number), customer=customer, location=site, description="Retest")


async def share_is_taken(silent: list[SilentServer]) -> None:
    """Wait until the tenant has as many calls under way as it has places."""
    async with asyncio.timeout(PATIENCE):
        called = {await silent[0].called.get() for _ in range(SLOTS.of_a_tenant)}
    assert len(called) == SLOTS.of_a_tenant


async def sent(world: World, send: Send) -> None:
    async with asyncio.timeout(PATIENCE):
        ended = await world.use_cases.wait_for_send(send.tenant_id, send.id, PATIENCE)
    assert ended.state is SendState.SENT


async def with_silent_spectrums(world: World, silent: list[SilentServer]) -> Tenant:
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
    async with silent_servers(SILENT) as silent:
        await with_silent_spectrums(world, silent)
        async with worker(world, database_url):
            await share_is_taken(silent)
            for number in range(3):
                await sent(world, await world.request(job(world, 800000 + number), connection=NORTH))
            assert silent[0].called.empty(), "the others wait for a place"
            for one in silent:
                one.over.set()


async def test_a_dripping_answer_does_not_help_either(world: World, database_url: str) -> None:
    async with silent_servers(SILENT, drips=True) as silent:
        await with_silent_spectrums(world, silent)
        async with worker(world, database_url):
            await share_is_taken(silent)
            await sent(world, await world.request(job(world, 800000), connection=NORTH))
            for one in silent:
                one.over.set()


@pytest.mark.long
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


# Completions


async def follows(world: World, tenant: Tenant, slug: str) -> None:
    """The connection sends completed jobs, of which it hears by ServiceTrade's events alone for an hour."""
    await world.use_cases.change_connection(
        tenant.id,
        slug,
        lambda before, secrets: (replace(before, on_completion=OnCompletion.SEND), secrets),
        version=None,
        by="ann",
        check=False,
    )
    async with world.transactions.begin(tenant.id) as t:
        now = await t.now()
        await t.completions.poll_succeeded(await t.completions.poll(), now, now + timedelta(hours=1))
        await t.webhooks.add(WebhookRecord(digest=webhook_digest(tenant.slug), webhook_id="77", made_at=now))


async def hints_of(world: World, tenant: Tenant) -> int:
    """How many hints wait."""
    async with world.engine.begin() as db:
        await db.execute(select(func.set_config("app.tenant", tenant.id, True)))
        return int(await db.scalar(select(func.count()).select_from(hints)) or 0)


async def completion_is_sent(world: World, working: Working, number: int) -> None:
    """A job of `cardinal` is completed, ServiceTrade tells it, and it is sent."""
    job_id = job(world, number)
    world.servicetrade.state.complete(job_id)
    await world.use_cases.receive_event(world.tenant.slug, [job_id])

    async def seen() -> bool:
        sends = (await world.use_cases.list_sends(world.tenant.id, SendFilter(job_id=job_id))).sends
        return [send.state for send in sends] == [SendState.SENT]

    await working.until(seen)


async def tenant_at(world: World, url: str) -> Tenant:
    """A tenant whose ServiceTrade is at this address. It sends completed jobs, and hundreds of hints wait."""
    login = world.servicetrade.state.login
    tenant = await world.use_cases.add_tenant(
        Tenant(id="", slug="beside", name="Beside", base_url=url),
        PasswordLogin(login.username, Secret(login.password)),
        check=False,
    )
    await world.connect(tenant, "beside", external_system="spectrum", leading_character="B")
    await follows(world, tenant, "beside")
    await world.use_cases.receive_event(tenant.slug, [str(900000 + number) for number in range(HINTS)])
    return tenant


@pytest.mark.long
async def test_a_silent_servicetrade_has_its_tenants_share_and_no_more(world: World, database_url: str) -> None:
    """Its hints have one place, and its sends, which read their jobs there, have the rest of the share."""
    await follows(world, world.tenant, NORTH)
    async with silent_servers(1) as [servicetrade]:
        silent = await tenant_at(world, servicetrade.url.removesuffix("/ws"))
        for number in range(SLOTS.total):
            await world.connect(silent, f"more-{number}", external_system=f"more_{number}")
            await world.request(str(700000 + number), connection=f"more-{number}", tenant=silent)
        async with worker(world, database_url) as working:

            async def all_taken() -> bool:
                return working.running[silent.id] == SLOTS.of_a_tenant

            await working.until(all_taken)
            async with asyncio.timeout(PATIENCE):
                await servicetrade.called.get()
            for number in range(3):
                await completion_is_sent(world, working, 800000 + number)
            assert working.most[silent.id] == SLOTS.of_a_tenant
            assert await hints_of(world, silent) == HINTS
            servicetrade.over.set()


def _half_a_second(self: SyncCompletions) -> Callable[[], bool]:
    return Service._begin_slice(self, 0.5)


@pytest.mark.long
async def test_a_completion_does_not_wait_behind_anothers_hints(
    world: World, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One slot and a slow ServiceTrade: its hints end their slice, and the other tenant has its turn."""
    monkeypatch.setattr(SyncCompletions, "_begin_slice", _half_a_second)
    await follows(world, world.tenant, NORTH)
    async with ServiceTradeSandbox.start() as servicetrade:
        slow = await tenant_at(world, servicetrade.url)
        servicetrade.faults.add(Fault(FaultKind.LATENCY, seconds=0.05, times=UNTIL_CLEARED))
        async with worker(world, database_url, Slots(1, 1)) as working:

            async def begun() -> bool:
                return await hints_of(world, slow) < HINTS

            await working.until(begun)
            await completion_is_sent(world, working, 800000)
            assert await hints_of(world, slow) > 0, "it waited behind all of them"
