"""The true stage: PostgreSQL, real sockets, the sandbox systems. A life has its own Spectrum and its own tenants."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from types import SimpleNamespace
from unittest.mock import patch

from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.outbound.ids import UlidIds
from adapters.outbound.memory.change_feed import MemoryChangeFeed
from adapters.outbound.memory.passwords import MemoryPasswords
from adapters.outbound.memory.remote.intent_mark import MemoryIntentMark
from adapters.outbound.memory.remote.webhook_sender import MemoryWebhookSender
from adapters.outbound.postgres.transactions import PostgresTransactions
from adapters.outbound.random import SystemRandom
from adapters.outbound.servicetrade.aiohttp_service_trade import AiohttpServiceTrade
from adapters.outbound.spectrum.soap_spectrum import SoapSpectrum
from adapters.outbound.vault.aes_gcm_vault import AesGcmVault
from adapters.sandbox.faults import Fault, FaultKind
from adapters.sandbox.servicetrade import state as servicetrade_state
from adapters.sandbox.servicetrade.sandbox import ServiceTradeSandbox
from adapters.sandbox.servicetrade.seed import FIRST_JOB_ID
from adapters.sandbox.spectrum.sandbox import SpectrumSandbox
from adapters.sandbox.spectrum.seed import AUTHORIZATION_IDS
from adapters.sandbox.spectrum.state import Item as StockItem
from adapters.sandbox.spectrum.state import Task
from core.model.connections.connection import ConnectionSecrets
from core.model.shared.retry_delays import RetryDelays
from core.model.shared.secret import Secret
from core.model.tenants.tenant import PasswordLogin, Tenant
from core.model.work_orders.item import ItemKind
from core.model.work_orders.spectrum_fields import LINES
from core.services.sending.read_sends import SendDetails
from core.services.service import Dependencies
from core.services.wiring import Services
from plugins.host import PluginHost
from tests.journeys.world import LOOPBACK
from tests.life.acts import SEATS
from tests.life.books import BookLine
from tests.life.fates import Fate
from tests.life.rules import BookReader, NoFees, Phase
from tests.life.services import PREFIX
from tests.life.stages.socket_remotes import CountingServiceTrade, FatedSpectrum
from tests.life.stages.stage import NOTHING_KEPT, NUMBERS, Item, Job, Stage
from tests.life.stages.times import RunningClock
from tests.life.stages.watched import watched_service_trade, watched_spectrum
from tests.support.watched_commits import WatchedCommits

_lives = count(1)
_PATHS = {
    "read_job": ("GET", "/job/"),
    "read_items": ("GET", "/jobitem"),
    "read_services": ("GET", "/servicerequest"),
    "write_external_id": ("", "/externalid"),
    "complete_job": ("PUT", "/job"),
    "replace_comment": ("", "/comment"),
    "changed_since": ("GET", "/job"),
    "completion_of": ("GET", "/job/"),
}


async def _no_pause(_: float) -> None:
    """Slowing down for ServiceTrade's budget takes no time here."""


class SocketStage(Stage):
    def __init__(
        self,
        engine: AsyncEngine,
        clock: RunningClock,
        servicetrade: ServiceTradeSandbox,
        sandbox: SpectrumSandbox,
        service_trade: AiohttpServiceTrade,
        spectrum: SoapSpectrum,
    ) -> None:
        super().__init__(clock)
        self.servicetrade, self.sandbox = servicetrade, sandbox
        self._read: dict[str, SendDetails] = {}
        self._renamed = False
        self.transactions = PostgresTransactions(engine, AesGcmVault(b"k" * 32), ahead=clock.ahead)
        self.fated = FatedSpectrum(spectrum, sandbox, self.befallen)
        counting = CountingServiceTrade(service_trade, self._is_completed, self._count_completion)
        services = Services(
            Dependencies(
                transactions=WatchedCommits(self.transactions, self.moments.moment),
                change_feed=MemoryChangeFeed(),
                service_trade=watched_service_trade(counting, self.moments, clock),
                spectrum=watched_spectrum(self.fated, self.moments, clock),
                webhook_sender=MemoryWebhookSender(),
                intent_mark=MemoryIntentMark(),
                rules=PluginHost((Phase(), NoFees(), BookReader(self.books))),
                clock=clock,
                ids=UlidIds(),
                random=SystemRandom(),
                delays=RetryDelays((60, 120)),
                retention=NOTHING_KEPT,
                passwords=MemoryPasswords(),
            )
        )
        self.use_cases = services.use_cases
        self.drain_connection = services.drain_connection
        self.sync_completions = services.sync_completions
        self.keep_retention = services.keep_retention

    async def open(self) -> None:
        state, life = self.servicetrade.state, next(_lives)
        state.external_systems.append("spectrum2")
        known = state.jobs[FIRST_JOB_ID]
        for record in (state.companies[known.customer or ""], state.locations[known.location or ""]):
            record.external_ids["spectrum2"] = record.external_ids["spectrum"]
        login = PasswordLogin(state.login.username, Secret(state.login.password))
        tenants = [
            await self.use_cases.add_tenant(
                Tenant(id="", slug=f"{slug}-{life}", name="Cardinal", base_url=self.servicetrade.url), login
            )
            for slug in ("cardinal", "cardinal-new")
        ]
        for slug in SEATS:
            await self.seat_down(slug, tenants[slug == "west"])
        self.jobs += [self.new_job(number) for number in NUMBERS]

    def secrets(self) -> ConnectionSecrets:
        return ConnectionSecrets(Secret(AUTHORIZATION_IDS["101"]))

    def new_job(self, number: str) -> Job:
        known = self.servicetrade.state.jobs[FIRST_JOB_ID]
        job_id = self.servicetrade.state.add_job(
            number, customer=known.customer, location=known.location, description="Retest."
        )
        return Job(job_id, number)

    def put_item(self, item: Item) -> None:
        company = self.sandbox.state.companies["101"]
        if item.kind == "service":
            company.tasks[item.hand_code] = Task(name=item.name)
            service = servicetrade_state.JobService(job=item.job or "", description=item.description)
            self.servicetrade.state.services[item.id.removeprefix(PREFIX)] = service
            return
        company.items[item.hand_code] = StockItem(name=item.name)
        company.other_charges[item.hand_code] = item.name
        self.servicetrade.state.job_items[item.id] = servicetrade_state.JobItem(
            job=item.job or "",
            name=item.name,
            kind="part" if item.kind == "codeless" else item.kind,
            code=item.code or None,
            quantity=Decimal(item.quantity),
            cost=Decimal(item.cost),
        )

    def take_item(self, item: Item, job: str) -> None:
        if item.kind == "service":
            del self.servicetrade.state.services[item.id.removeprefix(PREFIX)]
        else:
            self.servicetrade.state.remove_item(item.id)

    def describe(self, job: Job) -> None:
        self.servicetrade.state.jobs[job.id].description = job.description

    def complete(self, job: Job) -> None:
        if not self._is_completed(job.id):
            self.servicetrade.state.complete(job.id)
            job.note_completion(self.clock.database())

    def reopen(self, job: Job) -> None:
        if self._is_completed(job.id):
            self.servicetrade.state.reopen(job.id)

    def redate(self, job: Job, minutes: int) -> None:
        stored = self.servicetrade.state.jobs[job.id]
        if stored.completed_on is not None:
            stored.completed_on = int(self.clock.database().timestamp()) + minutes * 60
            self.servicetrade.state.touch(job.id)

    def completed_on(self, job: Job) -> datetime | None:
        seconds = self.servicetrade.state.jobs[job.id].completed_on
        return datetime.fromtimestamp(seconds, UTC) if self._is_completed(job.id) and seconds else None

    def books(self) -> list[BookLine]:
        company = self.sandbox.state.companies["101"]
        kinds = (
            (ItemKind.MATERIAL, company.material),
            (ItemKind.OTHER_CHARGE, company.charges),
            (ItemKind.TASK, company.task_lines),
        )
        lines = [(line.system_key, kind, line.fields) for kind, kept in kinds for line in kept]
        lines.sort(key=lambda one: one[0])
        return [BookLine.of(fields["WO_Number"], kind, fields) for _, kind, fields in lines]

    def header(self, number: str) -> dict[str, str] | None:
        found = self.sandbox.state.companies["101"].work_orders.get(number)
        return found.fields if found else None

    def enter(self, line: BookLine) -> None:
        company = self.sandbox.state.companies["101"]
        company.open_work_order(line.number)
        kept = company.ledger(LINES[line.kind])  # type: ignore[arg-type]
        company.post(kept, {"WO_Number": line.number, **dict(line.fields)})
        self.by_hand[line] += 1

    def arm(self, call: str, name: str, fate: Fate, after: int) -> None:
        self.fated.fates[call].append((name, after))

    def trouble(self, call: str, how: str) -> None:
        method, path = _PATHS[call]
        kind = FaultKind.APPLY_THEN_DROP if how == "lost" else FaultKind.STATUS
        status = 403 if how == "tenant" else 503
        self.servicetrade.faults.add(Fault(kind, match=path, method=method, status=status))
        self.befallen[f"servicetrade:{how}"] += 1

    def calm(self) -> None:
        self.fated.calm()
        self.servicetrade.faults.clear()
        self.sandbox.faults.clear()

    def service_trade_urls(self) -> tuple[str, ...]:
        return self.servicetrade.url, self.servicetrade.url + "/"

    def spectrum_urls(self) -> tuple[str, ...]:
        url, other = self.sandbox.url, self.sandbox.url.replace("127.0.0.1", "localhost")
        if self._renamed:
            url, other = other, url
        return url, f"{url}/ws", other

    def rename_server(self) -> None:
        self._renamed = not self._renamed

    async def sends(self) -> list[SendDetails]:
        """A send's version changes with whatever of it changes, so only those are read again."""
        found = []
        for tenant in self.tenants():
            for send in (await self.use_cases.list_sends(tenant.id, limit=1000)).sends:
                known = self._read.get(send.id)
                if known is None or known.send.version != send.version:
                    self._read[send.id] = known = await self.use_cases.show_send(tenant.id, send.id)
                found.append(known)
        return sorted(found, key=lambda one: one.send.id)

    async def pass_time(self, seconds: float) -> None:
        await self.sandbox.faults.applied()  # what is late comes within the quiet period
        self.clock.advance(seconds)

    def _is_completed(self, job_id: str) -> bool:
        return self.servicetrade.state.jobs[job_id].status in servicetrade_state.COMPLETED

    def _count_completion(self, job_id: str) -> None:
        self.job(job_id).note_completion(self.clock.database())


@asynccontextmanager
async def open_socket_stage(engine: AsyncEngine) -> AsyncIterator[SocketStage]:
    clock = RunningClock()
    seconds = SimpleNamespace(time=lambda: clock.database().timestamp())
    async with (
        ServiceTradeSandbox.start() as servicetrade,
        SpectrumSandbox.start() as sandbox,
        AiohttpServiceTrade.open(allowed_networks=(LOOPBACK,), sleep=_no_pause, timeout_seconds=10) as service_trade,
        SoapSpectrum(allowed_networks=(LOOPBACK,), deadline_seconds=10, boot_seconds=clock.boot_seconds) as spectrum,
    ):
        with patch.object(servicetrade_state, "time", seconds):
            stage = SocketStage(engine, clock, servicetrade, sandbox, service_trade, spectrum)
            await stage.open()
            yield stage
