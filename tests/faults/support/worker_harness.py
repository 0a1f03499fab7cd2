"""Where workers are killed and paused: both sandboxes, the database, and whoever comes after the crash."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from adapters.outbound.ids import UlidIds
from adapters.outbound.memory.passwords import MemoryPasswords
from adapters.outbound.memory.remote.intent_mark import MemoryIntentMark
from adapters.outbound.memory.remote.webhook_sender import MemoryWebhookSender
from adapters.outbound.postgres.change_feed import PostgresChangeFeed
from adapters.outbound.postgres.transactions import PostgresTransactions, make_engine
from adapters.outbound.random import SystemRandom
from adapters.outbound.servicetrade.aiohttp_service_trade import AiohttpServiceTrade
from adapters.outbound.spectrum.soap_spectrum import SoapSpectrum
from adapters.outbound.vault.aes_gcm_vault import AesGcmVault
from adapters.sandbox.servicetrade.sandbox import ServiceTradeSandbox
from adapters.sandbox.servicetrade.state import ServiceTradeState
from adapters.sandbox.spectrum.sandbox import SpectrumSandbox
from core.model.connections.connection import Connection, ConnectionSecrets
from core.model.connections.endpoint import Endpoint
from core.model.sending.lifecycle.facts import HEADER_WITHIN
from core.model.sending.send import Send, SendState
from core.model.shared.retry_delays import RetryDelays
from core.model.shared.secret import Secret
from core.model.tenants.tenant import PasswordLogin, Tenant
from core.model.work_orders.cost_line import ItemsMode, LineState
from core.services.sending.drain_connection import DrainConnection
from core.services.sending.request_send import SendRequest
from core.services.service import Dependencies
from core.services.wiring import Services, UseCases
from plugins.host import PluginHost
from ports.clock import Clock
from ports.vault import Vault
from tests.faults.support.crash_worker import LOOPBACK, MASTER_KEY, Orders
from tests.faults.support.crash_worker import work as work_off
from tests.faults.support.fixtures import (
    ONLY_ITEMS,
    Work,
    add_completed_job,
    add_open_job,
    expected,
    in_spectrum,
    settle_doubts,
)
from tests.faults.support.processes import processes

QUIET = timedelta(minutes=16)
"""A little more than the quiet period."""
NO_HEADER_LEAVES = HEADER_WITHIN + timedelta(seconds=1)
"""A little more than the time in which a header may leave after its intent."""


class ShiftedClock(Clock):
    """The machine's clock, as far ahead as the test wants it for whoever comes after, and the database's with it."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def boot_seconds(self) -> float:
        return asyncio.get_running_loop().time()


@dataclass(slots=True)
class Worker:
    """One worker process, ended by its id and never left behind."""

    process: ForkServerProcess

    @property
    def pid(self) -> int:
        assert self.process.pid is not None
        return self.process.pid

    async def catches(self, number: signal.Signals) -> None:
        """Return once the process has a handler for the signal: at its start, the signal would just kill it."""
        while not self._caught() >> number - 1 & 1:
            assert self.process.is_alive(), "the worker ended before it was ready"
            await asyncio.sleep(0.01)

    def _caught(self) -> int:
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii", errors="replace")
        return next(int(line.split()[1], 16) for line in status.splitlines() if line.startswith("SigCgt:"))

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    async def ended(self) -> int:
        """The exit code once it has ended: 0, or minus the signal that killed it."""
        await asyncio.to_thread(self.process.join)
        code = self.process.exitcode
        self.process.close()
        # 255: killed so early that the process's own parent could not tell why any more.
        assert code in (0, -signal.SIGKILL, 255), f"the worker process ended with {code}"
        return code

    async def sweep_away(self) -> None:
        """Whatever a failed test left running."""
        with suppress(ValueError):  # it has ended and is closed already
            self.process.kill()
            await asyncio.to_thread(self.process.join)

    async def stopped(self) -> None:
        """Return once the process stands still."""
        while self._state() != "T":
            assert self.process.is_alive(), "the worker ended instead of pausing"
            await asyncio.sleep(0.01)

    def _state(self) -> str:
        try:
            return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return "gone"


@dataclass(slots=True)
class WorkerHarness:
    """Both sandboxes, the database and parts of this process, which are the worker that starts after the crash."""

    servicetrade: ServiceTradeSandbox
    spectrum: SpectrumSandbox
    database_url: str
    use_cases: UseCases
    drain: DrainConnection
    clock: ShiftedClock
    tenant_id: str
    trail: Path
    customer: str
    site: str
    plugins: tuple[object, ...] = ()
    work: Work = ONLY_ITEMS
    connection_ids: dict[str, str] = field(default_factory=dict)
    next_number: int = 700000
    verdicts: Counter[LineState] = field(default_factory=Counter)
    workers: list[Worker] = field(default_factory=list)

    @property
    def connection_id(self) -> str:
        return self.connection_ids["main"]

    async def connect(self, slug: str, system: str) -> None:
        wanted = Connection(
            id="",
            tenant_id="",
            slug=slug,
            name="Spectrum",
            external_system=system,
            endpoint=Endpoint.parse(self.spectrum.url),
            company_code="101",
            leading_character="T",
            **self.work.settings,
        )
        secrets = ConnectionSecrets(Secret("SANDBOX-101"))
        self.connection_ids[slug] = (await self.use_cases.add_connection(self.tenant_id, wanted, secrets)).id

    def add_job(self, *, mapped: bool = True) -> str:
        self.next_number += 1
        state = self.servicetrade.state
        site = self.site if mapped else state.add_location("Dock 9")
        return state.add_job(
            str(self.next_number), customer=self.customer, location=site, customer_po="PO-1", description="Retest."
        )

    def add_job_with_items(self, *, completed: bool = True) -> str:
        self.next_number += 1
        add = add_completed_job if completed else add_open_job
        return add(self.servicetrade.state, self.next_number, customer=self.customer, site=self.site, work=self.work)

    @property
    def number(self) -> str:
        """The work order number of the job that was added last."""
        return f"T{self.next_number}"

    def map_site(self, job_id: str) -> None:
        """Somebody mends the mapping: the job moves to the mapped location."""
        self.servicetrade.state.jobs[job_id].location = self.site

    async def request(
        self, job_id: str, *, items: ItemsMode = ItemsMode.NONE, completes: bool = False, connection: str = "main"
    ) -> Send:
        self.clock.ahead = timedelta()
        asked = SendRequest(connection=connection, job_id=job_id, requested_by="test", items=items, completes=completes)
        return await self.use_cases.request_send(self.tenant_id, asked)

    async def show(self, send: Send) -> Send:
        return (await self.use_cases.show_send(self.tenant_id, send.id)).send

    async def finish(self) -> None:
        """The restarted worker: takes over the leases and works off what is due, also a header that was cut short, for
        which it has to wait until the dead worker's can no longer leave."""
        before = self.clock.ahead
        self.clock.ahead = max(before, NO_HEADER_LEAVES)
        for connection_id in self.connection_ids.values():
            while await self.drain(connection_id):
                pass
        self.clock.ahead = before

    async def settle_and_finish(self) -> None:
        """A person looks in Spectrum after the quiet period and settles what is in doubt, until nothing is left of it,
        nor of what went again meanwhile."""
        rounds_without = 0
        while rounds_without < 2:
            await self.finish()
            await self.spectrum.faults.applied()
            self.clock.ahead += QUIET
            verdicts = await settle_doubts(self.use_cases, self.tenant_id, self.spectrum.state)
            self.verdicts += verdicts
            rounds_without = 0 if verdicts else rounds_without + 1
        self.clock.ahead = timedelta()

    def start(self, orders: Orders) -> Worker:
        process = processes.Process(target=work_off, args=(orders,))
        process.start()
        self.workers.append(worker := Worker(process))
        return worker

    def orders(self, **details: object) -> Orders:
        """For a process that drains `main`."""
        told = Orders(self.database_url, self.connection_id, trail=self.trail, plugins=self.plugins)
        return replace(told, **details)  # type: ignore[arg-type]

    async def crash(self, dies_at: int) -> bool:
        """Run a worker process that dies at that moment; False if it came to its end before."""
        return await self.start(self.orders(dies_at=dies_at)).ended() != 0

    async def assert_posted_once(self, send: Send, numbers: list[str]) -> None:
        """Spectrum holds every item of these work orders once and no other line, and the send came to its end."""
        assert in_spectrum(self.spectrum.state) == expected(numbers, self.work)
        stored = await self.show(send)
        assert (stored.state, stored.due_at) == (SendState.SENT, None)


@asynccontextmanager
async def open_harness(
    database_url: str,
    folder: Path,
    systems: tuple[str, ...] = ("spectrum",),
    vault: Vault | None = None,
    plugins: tuple[object, ...] = (),
    work: Work = ONLY_ITEMS,
) -> AsyncIterator[WorkerHarness]:
    """The first system's connection is `main`, the others are called like their system. All worker processes have
    `plugins`, which must survive pickling."""
    engine = make_engine(database_url, pool_size=4)
    clock = ShiftedClock()
    async with (
        ServiceTradeSandbox.start(state=ServiceTradeState(external_systems=list(systems))) as servicetrade,
        SpectrumSandbox.start() as spectrum,
        AiohttpServiceTrade.open(allowed_networks=[LOOPBACK]) as service_trade,
        SoapSpectrum(allowed_networks=[LOOPBACK], boot_seconds=clock.boot_seconds) as soap,
        PostgresChangeFeed(database_url) as change_feed,
    ):
        servicetrade.state.settings.call_ms = 0
        services = Services(
            Dependencies(
                passwords=MemoryPasswords(),
                transactions=PostgresTransactions(engine, vault or AesGcmVault(MASTER_KEY), ahead=lambda: clock.ahead),
                change_feed=change_feed,
                service_trade=service_trade,
                spectrum=soap,
                webhook_sender=MemoryWebhookSender(),
                intent_mark=MemoryIntentMark(),
                rules=PluginHost(plugins),
                clock=clock,
                ids=UlidIds(),
                random=SystemRandom(),
                delays=RetryDelays(),
            )
        )
        use_cases = services.use_cases
        login = PasswordLogin(servicetrade.state.login.username, Secret(servicetrade.state.login.password))
        tenant = await use_cases.add_tenant(
            Tenant(id="", slug="cardinal", name="Cardinal", base_url=servicetrade.url), login
        )
        harness = WorkerHarness(
            servicetrade,
            spectrum,
            database_url,
            use_cases,
            services.drain_connection,
            clock,
            tenant.id,
            folder / "trail",
            servicetrade.state.add_company(**dict.fromkeys(systems, "HARVIEW")),
            servicetrade.state.add_location(**dict.fromkeys(systems, "HV0002")),
            plugins,
            work,
        )
        for place, system in enumerate(systems):
            await harness.connect("main" if place == 0 else system.replace("_", "-"), system)
        try:
            yield harness
        finally:
            for worker in harness.workers:
                await worker.sweep_away()
    await engine.dispose()
