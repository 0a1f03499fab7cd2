"""The quick stage: everything in memory, with time that passes only when a life says so."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from adapters.outbound.memory.passwords import MemoryPasswords
from adapters.outbound.memory.remote.intent_mark import MemoryIntentMark
from adapters.outbound.memory.remote.spectrum import MemoryLine
from adapters.outbound.memory.remote.webhook_sender import MemoryWebhookSender
from adapters.outbound.memory.rows import Rows
from adapters.outbound.memory.transactions import MemoryTransactions
from adapters.outbound.random import SystemRandom
from core.model.connections.connection import ConnectionSecrets
from core.model.planning.job import JobSnapshot, Party
from core.model.shared.errors import JobferryError, TenantMends, TimeMends
from core.model.shared.retry_delays import RetryDelays
from core.model.shared.secret import Secret
from core.model.tenants.settings import DEFAULT_BASE_URL
from core.model.tenants.tenant import PasswordLogin, Tenant
from core.model.work_orders.item import JobItem
from core.model.work_orders.job_service import JobService
from core.model.work_orders.work_order import DESCRIPTION
from core.services.service import Dependencies
from core.services.wiring import Services
from plugins.host import PluginHost
from tests.life.acts import SEATS
from tests.life.books import BookLine
from tests.life.fates import Fate
from tests.life.rules import BookReader, NoFees, Phase
from tests.life.services import PREFIX
from tests.life.stages.memory_remotes import FatefulSpectrum, TimelyServiceTrade
from tests.life.stages.stage import NOTHING_KEPT, NUMBERS, SYSTEMS, Item, Job, Stage
from tests.life.stages.times import CountedIds, LifeClock
from tests.life.stages.watched import watched_service_trade, watched_spectrum
from tests.support.watched_commits import WatchedCommits

_FIRST_JOB = 2412087334600705


class FallibleTransactions(MemoryTransactions):
    """Remembers what was committed before the last commits, as a replica that lags behind."""

    @property
    def rows(self) -> Rows:
        return self.former[-1]

    @rows.setter
    def rows(self, rows: Rows) -> None:
        if not hasattr(self, "former"):
            self.former: deque[Rows] = deque(maxlen=20)
        self.former.append(rows)

    def fall_back(self, commits: int) -> None:
        """What was lost is not among the former states any more, so the next loss counts from here."""
        for _ in range(min(commits, len(self.former) - 1)):
            self.former.pop()


class MemoryStage(Stage):
    def __init__(self, plugins: Sequence[object] = ()) -> None:
        super().__init__(LifeClock())
        self.transactions: FallibleTransactions = FallibleTransactions(now=self.clock.database)
        self.service_trade = TimelyServiceTrade(self.clock)
        self.service_trade.on_completed = self._count_completion
        self.spectrum = FatefulSpectrum(self.clock, self.befallen)
        self.intent_mark = MemoryIntentMark()
        self._kept: Rows | None = None
        self._renamed = 0
        services = Services(
            Dependencies(
                transactions=WatchedCommits(self.transactions, self.moments.moment),
                change_feed=self.transactions.change_feed,
                service_trade=watched_service_trade(self.service_trade, self.moments, self.clock),
                spectrum=watched_spectrum(self.spectrum, self.moments, self.clock),
                webhook_sender=MemoryWebhookSender(),
                intent_mark=self.intent_mark,
                rules=PluginHost((Phase(), NoFees(), BookReader(self.books), *plugins)),
                clock=self.clock,
                ids=CountedIds(),
                random=SystemRandom(),
                delays=RetryDelays((60, 120)),
                retention=NOTHING_KEPT,
                passwords=MemoryPasswords(),
            )
        )
        self.use_cases = services.use_cases
        self._compare_intents = services.compare_intents
        self.drain_connection = services.drain_connection
        self.sync_completions = services.sync_completions
        self.keep_retention = services.keep_retention

    async def open(self) -> None:
        login = PasswordLogin("user", Secret("password"))
        cardinal = await self.use_cases.add_tenant(Tenant(id="", slug="cardinal", name="Cardinal"), login)
        again = await self.use_cases.add_tenant(Tenant(id="", slug="cardinal-new", name="Cardinal"), login)
        for slug in SEATS:
            await self.seat_down(slug, again if slug == "west" else cardinal)
        self.jobs += [self.new_job(number) for number in NUMBERS]

    def secrets(self) -> ConnectionSecrets:
        return ConnectionSecrets(Secret("AUTH"))

    def new_job(self, number: str) -> Job:
        job = Job(str(_FIRST_JOB + len(self.jobs) + len(self.service_trade.jobs)), number)
        cardinal, again = (tenant.id for tenant in self.tenants())
        party = JobSnapshot(
            id=job.id,
            number=number,
            status="scheduled",
            description=job.description,
            customer=Party(id="1", name="Harborview", external_id="HARVIEW"),
            location=Party(id="2", name="Plant 2", external_id="HV0002"),
        )
        for system in set(SYSTEMS.values()):
            self.service_trade.add_job(cardinal, party, system)
        self.service_trade.jobs[again, job.id] = self.service_trade.jobs[cardinal, job.id]
        return job

    def put_item(self, item: Item) -> None:
        assert item.job is not None
        if item.kind == "service":
            service = JobService(id=item.id.removeprefix(PREFIX), description=item.description)
            return self.service_trade.add_service(self._tenant_id, item.job, service)
        stored = JobItem(
            id=item.id,
            name=item.name,
            type="part" if item.kind == "codeless" else item.kind,
            quantity=Decimal(item.quantity),
            cost=Decimal(item.cost),
            code=item.code,
        )
        return self.service_trade.add_item(self._tenant_id, item.job, stored)

    def take_item(self, item: Item, job: str) -> None:
        if item.kind == "service":
            return self.service_trade.remove_service(self._tenant_id, job, item.id.removeprefix(PREFIX))
        return self.service_trade.remove_item(self._tenant_id, job, item.id)

    def describe(self, job: Job) -> None:
        stored = self.service_trade.jobs[self._tenant_id, job.id]
        stored.snapshot = replace(stored.snapshot, description=job.description)

    def complete(self, job: Job) -> None:
        if self.completed_on(job) is None:
            self.service_trade.complete(self._tenant_id, job.id)
            self.service_trade.date(self._tenant_id, job.id)
            job.note_completion(self.clock.database())

    def reopen(self, job: Job) -> None:
        if self.completed_on(job) is not None:
            self.service_trade.reopen(self._tenant_id, job.id)

    def redate(self, job: Job, minutes: int) -> None:
        if self.completed_on(job) is not None:
            self.service_trade.date(self._tenant_id, job.id, minutes)

    def completed_on(self, job: Job) -> datetime | None:
        return self.service_trade.jobs[self._tenant_id, job.id].snapshot.completed_on

    def books(self) -> list[BookLine]:
        return [BookLine.of(line.number, line.kind, line.fields) for line in self.spectrum.lines]

    def header(self, number: str) -> dict[str, str] | None:
        return self.spectrum.work_orders.get(("101", number))

    def enter(self, line: BookLine) -> None:
        self.spectrum.work_orders.setdefault(("101", line.number), {DESCRIPTION: "typed in"})
        self.spectrum.lines.append(MemoryLine("101", line.number, line.kind, dict(line.fields)))
        self.by_hand[line] += 1

    def arm(self, call: str, name: str, fate: Fate, after: int) -> None:
        self.spectrum.fates[call].append((name, fate, after))

    def trouble(self, call: str, how: str) -> None:
        error: JobferryError = TimeMends("ServiceTrade is away.", code="ST_UNREACHABLE")
        if how == "tenant":
            error = TenantMends("ServiceTrade says no.", code="ST_PERMISSION")
        self.service_trade.fail_next(error, call=call, applied=how == "lost")
        self.befallen[f"servicetrade:{how}"] += 1

    def calm(self) -> None:
        self.spectrum.calm()
        self.service_trade._failures.clear()

    def service_trade_urls(self) -> tuple[str, ...]:
        host = DEFAULT_BASE_URL.removeprefix("https://")
        return (
            DEFAULT_BASE_URL,
            f"https://{host.upper()}/".replace("/API", "/api"),
            DEFAULT_BASE_URL.replace(".com", ".com:443"),
        )

    def spectrum_urls(self) -> tuple[str, ...]:
        name = f"spectrum{self._renamed or ''}.example.com"
        return name, f"https://{name.upper()}:8482/ws", f"http://{name}.:8482", "spectrum-old.example.com"

    def rename_server(self) -> None:
        self._renamed += 1

    async def pass_time(self, seconds: float) -> None:
        """In steps, so that what is late comes in its own time."""
        self.spectrum.turn_up()
        while seconds > 0:
            self.clock.advance(step := min(seconds, 60))
            seconds -= step
            self.spectrum.turn_up()

    def backup(self) -> None:
        self._kept = self.transactions.rows

    async def restore_backup(self) -> None:
        if self._kept is not None:
            self.transactions.rows = self._kept
            await self._compare_intents()

    def lose_commits(self, count: int) -> None:
        def fall_back() -> None:
            self.befallen["commit:lost"] += 1
            self.transactions.fall_back(count)

        self.spectrum.during_line = fall_back

    def _count_completion(self, job_id: str) -> None:
        self.job(job_id).note_completion(self.clock.database())

    @property
    def _tenant_id(self) -> str:
        return self.seats["north"].tenant.id
