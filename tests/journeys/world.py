"""One installation with everything real, storage and sockets too; time can be moved and the remote systems bent."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine
from yarl import URL

from adapters.outbound.ids import UlidIds
from adapters.outbound.memory.passwords import MemoryPasswords
from adapters.outbound.memory.remote.intent_mark import MemoryIntentMark
from adapters.outbound.memory.remote.webhook_sender import MemoryWebhookSender
from adapters.outbound.postgres.change_feed import PostgresChangeFeed
from adapters.outbound.postgres.records import connection_settings
from adapters.outbound.postgres.tables.setup import connections
from adapters.outbound.postgres.transactions import PostgresTransactions
from adapters.outbound.random import SystemRandom
from adapters.outbound.servicetrade.aiohttp_service_trade import AiohttpServiceTrade
from adapters.outbound.spectrum.soap_spectrum import SoapSpectrum
from adapters.outbound.vault.aes_gcm_vault import AesGcmVault
from adapters.sandbox.faults import Fault, FaultKind
from adapters.sandbox.servicetrade.sandbox import ServiceTradeSandbox
from adapters.sandbox.servicetrade.state import Job
from adapters.sandbox.spectrum.sandbox import SpectrumSandbox
from adapters.sandbox.spectrum.seed import AUTHORIZATION_IDS
from adapters.sandbox.spectrum.state import Company, SpectrumState, WorkOrder
from core.model.connections.connection import Connection, ConnectionSecrets
from core.model.connections.endpoint import Endpoint
from core.model.operations.retention import RetentionPeriods
from core.model.planning.plan import SendPlan
from core.model.sending.send import Attempt, DashboardWarning, Send
from core.model.shared.check_step import CheckStep
from core.model.shared.retry_delays import RetryDelays
from core.model.shared.secret import Secret
from core.model.tenants.tenant import PasswordLogin, Tenant
from core.model.work_orders.cost_line import ItemsMode
from core.services.operations.keep_retention import KeepRetention
from core.services.reconciliation.carry_out_reconciliation import CarryOutReconciliation
from core.services.sending.compare_intents import CompareIntents
from core.services.sending.drain_connection import DrainConnection
from core.services.sending.request_send import SendRequest
from core.services.service import Dependencies
from core.services.tenants.sync_completions import SyncCompletions
from core.services.wiring import Services, UseCases
from plugins.host import PluginHost
from ports.clock import Clock
from ports.storage.transactions import Transactions

NORTH = "north"
LOOPBACK = ip_network("127.0.0.0/8")
HEADER_PATH = "/ws/WorkOrderHeader"
PUBLIC_URL = "https://jobferry.example.com"


class MovableClock(Clock):
    """Real time plus what a test adds, so that a quarter of an hour passes at once."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def boot_seconds(self) -> float:
        return time.monotonic() + self._ahead.total_seconds()

    def ahead(self) -> timedelta:
        """How far the database's time is ahead, too."""
        return self._ahead

    def advance(self, seconds: float) -> None:
        self._ahead += timedelta(seconds=seconds)


@dataclass
class World:
    """The tenant `cardinal` with the connection `north` to Spectrum company 101; more can be added."""

    servicetrade: ServiceTradeSandbox
    use_cases: UseCases
    drain_connection: DrainConnection
    sync_completions: SyncCompletions
    clock: MovableClock
    engine: AsyncEngine
    intent_mark: MemoryIntentMark
    compare_intents: CompareIntents
    transactions: Transactions
    keep_retention: KeepRetention
    change_feed: PostgresChangeFeed
    carry_out_reconciliation: CarryOutReconciliation
    tenant: Tenant = field(init=False)
    _sandboxes: AsyncExitStack = field(default_factory=AsyncExitStack)
    _spectrum: SpectrumSandbox | None = None
    _drained: dict[str, None] = field(default_factory=dict)

    # The remote systems.

    @property
    def spectrum(self) -> SpectrumSandbox:
        assert self._spectrum is not None
        return self._spectrum

    async def start_spectrum(self, port: int = 0, state: SpectrumState | None = None) -> None:
        self._spectrum = await self._sandboxes.enter_async_context(SpectrumSandbox.start(port=port, state=state))

    async def stop_spectrum(self) -> None:
        await self._sandboxes.aclose()

    async def restart_spectrum(self) -> None:
        """The same machine again: same address, same work orders."""
        await self.start_spectrum(URL(self.spectrum.url).port or 0, self.spectrum.state)

    @property
    def company(self) -> Company:
        return self.spectrum.state.companies["101"]

    def job(self, job_id: str) -> Job:
        return self.servicetrade.state.jobs[job_id]

    def work_order(self, number: str) -> WorkOrder:
        return self.spectrum.state.work_order("101", number)

    def comments(self, job_id: str) -> list[str]:
        return [comment.content for comment in self.servicetrade.state.comments_on(job_id)]

    def external_id(self, job_id: str, system: str = "spectrum") -> str | None:
        return self.job(job_id).external_ids.get(system)

    def headers_received(self) -> int:
        """How many header writes reached Spectrum, applied or not."""
        return sum(call.method == "POST" and call.path == HEADER_PATH for call in self.spectrum.requests.calls)

    def servicetrade_writes(self) -> list[str]:
        """Every call that could change a record in ServiceTrade, refused ones included; signing in is none."""
        return [
            f"{call.method} {call.path}"
            for call in self.servicetrade.requests.calls
            if call.method != "GET" and not call.path.startswith(("/api/auth", "/api/oauth2"))
        ]

    def answer_rows(self, *rows: str, times: int = 1) -> None:
        """Spectrum answers the next header writes with these rows."""
        self.spectrum.faults.add(Fault(FaultKind.ROWS, match="/ws/", text="\n".join(rows), times=times))

    # The installation.

    async def add_tenant(self, slug: str, servicetrade: ServiceTradeSandbox) -> Tenant:
        login = servicetrade.state.login
        password = PasswordLogin(login.username, Secret(login.password))
        return await self.use_cases.add_tenant(
            Tenant(id="", slug=slug, name=servicetrade.state.name, base_url=servicetrade.url), password
        )

    async def connect(
        self,
        tenant: Tenant,
        slug: str,
        *,
        company_code: str = "101",
        external_system: str = "spectrum",
        secrets: ConnectionSecrets | None = None,
        **settings: Any,
    ) -> Connection:
        """A new connection to this world's Spectrum, drained from now on."""
        wanted = Connection(
            id="",
            tenant_id="",
            slug=slug,
            name=f"Spectrum {slug}",
            external_system=external_system,
            endpoint=settings.pop("endpoint", None) or Endpoint.parse(self.spectrum.url),
            company_code=company_code,
            leading_character=settings.pop("leading_character", "T"),
            **settings,
        )
        secrets = secrets or ConnectionSecrets(Secret(AUTHORIZATION_IDS[company_code]))
        added = await self.use_cases.add_connection(tenant.id, wanted, secrets)
        self._drained[added.id] = None
        return added

    async def change(self, **settings: Any) -> None:
        """Other settings for `north`, as if the connection had been saved anew; there is no use case for it yet."""
        changed = replace(await self.connection(), **settings)
        async with self.engine.begin() as db:
            await db.execute(select(func.set_config("app.tenant", changed.tenant_id, True)))
            await db.execute(
                update(connections).where(connections.c.id == changed.id).values(settings=connection_settings(changed))
            )

    async def connection(self) -> Connection:
        return await self.use_cases.find_connection(self.tenant.id, NORTH)

    async def examine(self) -> Mapping[str, CheckStep]:
        """Every step of `connections test` by its name."""
        return {step.name: step async for step in self.use_cases.examine_connection(self.tenant.id, NORTH, by="ann")}

    # What people do.

    async def preview(self, job_id: str, *, adopt: bool = False, items: ItemsMode = ItemsMode.NONE) -> SendPlan:
        return (await self.use_cases.preview_send(self.tenant.id, NORTH, job_id, adopt=adopt, items=items)).plan

    async def request(self, job_id: str, *, connection: str = NORTH, tenant: Tenant | None = None, **more: Any) -> Send:
        """Ask for a send and leave it queued."""
        wanted = SendRequest(connection=connection, job_id=job_id, requested_by="dispatcher", **more)
        return await self.use_cases.request_send((tenant or self.tenant).id, wanted)

    async def send(self, job_id: str, *, connection: str = NORTH, tenant: Tenant | None = None, **more: Any) -> Send:
        """Ask for a send and work until nothing is due; the send as it is then."""
        asked = await self.request(job_id, connection=connection, tenant=tenant, **more)
        await self.drain()
        return await self.show(asked, tenant=tenant)

    async def retry(self, send: Send) -> Send:
        await self.use_cases.send_actions.retry(send.tenant_id, send.id, by="ann")
        await self.drain()
        return await self.show(send)

    async def drain(self) -> None:
        """What a worker does: every connection until nothing is due at this moment."""
        for connection_id in self._drained:
            await self._drain(connection_id)

    async def drain_at_once(self) -> None:
        """Several workers: every connection beside the others."""
        await asyncio.gather(*map(self._drain, self._drained))

    async def _drain(self, connection_id: str) -> None:
        while await self.drain_connection(connection_id):
            pass

    async def later(self, minutes: float) -> None:
        """Time passes, then the worker looks."""
        self.clock.advance(minutes * 60)
        await self.drain()

    async def years_later(self, years: int) -> None:
        """Time passes, and what is old is deleted."""
        self.clock.advance(years * 365 * 86_400)
        while await self.keep_retention():
            pass

    async def show(self, send: Send, *, tenant: Tenant | None = None) -> Send:
        return (await self.use_cases.show_send(tenant.id if tenant else send.tenant_id, send.id)).send

    async def attempts(self, send: Send) -> Sequence[Attempt]:
        return (await self.use_cases.show_send(send.tenant_id, send.id)).attempts

    async def warnings(self, tenant: Tenant | None = None) -> list[DashboardWarning]:
        return [warning for warning, _ in await self.use_cases.warnings.open((tenant or self.tenant).id)]


@asynccontextmanager
async def open_world(
    engine: AsyncEngine, *, deadline_seconds: float, plugins: Sequence[object]
) -> AsyncIterator[World]:
    """Wired as the installation is; `plugins` are offered beside the built-in rules."""
    clock, intent_mark = MovableClock(), MemoryIntentMark()

    async def no_pause(_: float) -> None:
        """Slowing down for ServiceTrade's budget takes no time here."""

    async with (
        ServiceTradeSandbox.start() as servicetrade,
        AiohttpServiceTrade.open(
            allowed_networks=(LOOPBACK,), sleep=no_pause, timeout_seconds=deadline_seconds
        ) as service_trade,
        SoapSpectrum(
            allowed_networks=(LOOPBACK,), deadline_seconds=deadline_seconds, boot_seconds=clock.boot_seconds
        ) as spectrum,
        PostgresChangeFeed(engine.url.render_as_string(hide_password=False)) as change_feed,
    ):
        transactions = PostgresTransactions(engine, AesGcmVault(b"k" * 32), ahead=clock.ahead)
        services = Services(
            Dependencies(
                passwords=MemoryPasswords(),
                transactions=transactions,
                change_feed=change_feed,
                service_trade=service_trade,
                spectrum=spectrum,
                webhook_sender=MemoryWebhookSender(),
                intent_mark=intent_mark,
                rules=PluginHost(plugins),
                clock=clock,
                ids=UlidIds(),
                random=SystemRandom(),
                delays=RetryDelays(),
                # The database itself keeps the audit of the last 30 days, by a clock that no test moves.
                retention=RetentionPeriods(audit=None),
                public_url=PUBLIC_URL,
            )
        )
        world = World(
            servicetrade,
            services.use_cases,
            services.drain_connection,
            services.sync_completions,
            clock,
            engine,
            intent_mark,
            services.compare_intents,
            transactions,
            services.keep_retention,
            change_feed,
            services.carry_out_reconciliation,
        )
        await world.start_spectrum()
        try:
            world.tenant = await world.add_tenant("cardinal", servicetrade)
            await world.connect(world.tenant, NORTH)
            servicetrade.requests.calls.clear()
            yield world
        finally:
            await world.stop_spectrum()


def codes(send: Send) -> list[str]:
    return [found.code for found in send.findings]
