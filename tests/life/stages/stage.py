"""Where a life is played: the remote systems, our installation, and what of both can be seen and bent.

What both stages share is here; `MemoryStage` and `SocketStage` supply the remote systems.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from core.model.connections.connection import Connection, ConnectionSecrets
from core.model.connections.endpoint import Endpoint
from core.model.connections.task_settings import SendTasks
from core.model.operations.retention import RetentionPeriods
from core.model.sending.send import Send
from core.model.tenants.tenant import Tenant
from core.model.work_orders.cost_line import LedgerLine
from core.services.operations.keep_retention import KeepRetention
from core.services.sending.drain_connection import DrainConnection
from core.services.sending.read_sends import SendDetails
from core.services.tenants.sync_completions import SyncCompletions
from core.services.wiring import UseCases
from ports.storage.transactions import Transactions
from tests.life.acts import SEATS
from tests.life.books import BookLine
from tests.life.fates import Fate
from tests.life.services import TASK_CODES, described
from tests.life.stages.moments import Moments
from tests.life.stages.times import LifeClock

NUMBERS = ("104482", "104483")
NOTHING_KEPT = RetentionPeriods(
    attempts=timedelta(),
    sends=timedelta(),
    deliveries=timedelta(),
    idempotency_keys=timedelta(),
    completions=None,
    audit=None,
)
"""What can be deleted without changing which completions count. The database itself keeps the audit of 30 days."""
SYSTEMS = {"north": "spectrum", "south": "spectrum2", "west": "spectrum"}


@dataclass
class Item:
    """An item as it stands in ServiceTrade now. `homes`: the jobs it was ever on, `last` the last of them."""

    id: str
    job: str | None
    kind: str
    quantity: int
    cost: int
    codes: int = 0
    homes: set[str] = field(default_factory=set)
    last: str = ""

    @property
    def name(self) -> str:
        return f"Piece <{self.id[-3:]}>"

    @property
    def description(self) -> str:
        """Of a service."""
        return described(int(self.id[-3:]), self.codes)

    @property
    def code(self) -> str:
        return "" if self.kind == "codeless" else self.hand_code

    @property
    def hand_code(self) -> str:
        """What a person who knows the part would enter."""
        return f"P{self.id[-3:]}{'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[self.codes % 26]}"

    @property
    def net(self) -> Decimal:
        """What should stand in Spectrum in all: a quantity of material, or money."""
        if self.job is None or self.kind == "labor":
            return Decimal()
        if self.kind == "service":
            return Decimal(1)
        return Decimal(self.quantity * self.cost if self.kind == "fee" else self.quantity)


@dataclass
class Job:
    id: str
    number: str
    description: str = "Retest."
    completions: int = 0
    """How often it was completed, by whomever."""
    completed_at: datetime | None = None
    """When that was last, whatever date ServiceTrade has for it."""

    def note_completion(self, now: datetime) -> None:
        self.completions += 1
        self.completed_at = now


@dataclass
class Seat:
    """One connection. `started`: since when its trigger has been on with a start date somebody chose."""

    slug: str
    tenant: Tenant
    system: str
    connection_id: str = ""


class Stage(ABC):
    use_cases: UseCases
    drain_connection: DrainConnection
    sync_completions: SyncCompletions
    keep_retention: KeepRetention
    transactions: Transactions

    def __init__(self, clock: LifeClock) -> None:
        self.clock = clock
        self.moments = Moments()
        self.seats: dict[str, Seat] = {}
        self.jobs: list[Job] = []
        self.items: list[Item] = []
        self.by_hand: Counter[BookLine] = Counter()
        self.befallen: Counter[str] = Counter()
        self.seen: set[str] = set()
        """Items whose lines a person was shown, or asked for, after a restore."""
        self.left_behind: dict[str, set[str]] = defaultdict(set)
        """By job, the connections that sent it before they were removed."""

    # The remote systems.

    @abstractmethod
    def new_job(self, number: str) -> Job: ...

    @abstractmethod
    def put_item(self, item: Item) -> None:
        """Store the item on its job, anew or changed."""

    @abstractmethod
    def take_item(self, item: Item, job: str) -> None:
        """It is no longer on that job."""

    @abstractmethod
    def describe(self, job: Job) -> None: ...

    @abstractmethod
    def complete(self, job: Job) -> None: ...

    @abstractmethod
    def reopen(self, job: Job) -> None: ...

    @abstractmethod
    def redate(self, job: Job, minutes: int) -> None: ...

    @abstractmethod
    def completed_on(self, job: Job) -> datetime | None:
        """None while it is not completed."""

    @abstractmethod
    def books(self) -> list[BookLine]:
        """Every cost line, in the order in which it was added."""

    @abstractmethod
    def header(self, number: str) -> dict[str, str] | None: ...

    @abstractmethod
    def enter(self, line: BookLine) -> None:
        """A person enters a line on Spectrum's screen, and the work order if it is not there."""

    @abstractmethod
    def arm(self, call: str, name: str, fate: Fate, after: int) -> None: ...

    @abstractmethod
    def trouble(self, call: str, how: str) -> None: ...

    @abstractmethod
    def calm(self) -> None:
        """Nothing armed befalls anybody any more."""

    async def hint(self, job: Job) -> None:
        """ServiceTrade's webhook tells both tenants of the job."""
        for tenant in self.tenants():
            async with self.transactions.begin(tenant.id) as t:
                await t.completions.add_change(job.id, await t.now())
                await t.completions.set_due(await t.now(), only_earlier=True)

    @abstractmethod
    def service_trade_urls(self) -> tuple[str, ...]: ...

    @abstractmethod
    def spectrum_urls(self) -> tuple[str, ...]:
        """Spellings of the address that Spectrum's server has now, and another name that it has as well."""

    @abstractmethod
    def rename_server(self) -> None: ...

    async def pass_time(self, seconds: float) -> None:
        self.clock.advance(seconds)

    # Our database. A stage that cannot do these leaves them out of its lives.

    def backup(self) -> None:
        raise NotImplementedError

    async def restore_backup(self) -> None:
        raise NotImplementedError

    def lose_commits(self, count: int) -> None:
        raise NotImplementedError

    # Our installation.

    async def seat_down(self, slug: str, tenant: Tenant, like: Connection | None = None) -> None:
        """Set up a connection, with the settings of `like` if given."""
        wanted = like or Connection(
            id="",
            tenant_id="",
            slug=slug,
            name=f"Spectrum {slug}",
            external_system=SYSTEMS[slug],
            endpoint=Endpoint.parse(self.spectrum_urls()[0]),
            company_code="101",
            leading_character="T",
            send_tasks=SendTasks.WITH_ITEMS,
            task_codes=TASK_CODES,
        )
        # Where it was reached before goes along: whoever starts under another name sees nothing of what was posted.
        wanted = replace(wanted, hold=None, version=1)
        added = await self.use_cases.add_connection(tenant.id, wanted, self.secrets())
        self.seats[slug] = Seat(slug, tenant, SYSTEMS[slug], added.id)

    @abstractmethod
    def secrets(self) -> ConnectionSecrets: ...

    def seat(self, number: int) -> Seat:
        return self.seats[SEATS[number % len(SEATS)]]

    def tenants(self) -> list[Tenant]:
        return [self.seats["north"].tenant, self.seats["west"].tenant]

    async def connection(self, seat: Seat) -> Connection:
        return await self.use_cases.find_connection(seat.tenant.id, seat.slug)

    async def sends(self) -> list[SendDetails]:
        """Every send there is, oldest first, with its lines."""
        found: list[SendDetails] = []
        for tenant in self.tenants():
            page = await self.use_cases.list_sends(tenant.id, limit=1000)
            found += [await self.use_cases.show_send(tenant.id, send.id) for send in page.sends]
        return sorted(found, key=lambda one: one.send.id)

    async def rows(self) -> list[LedgerLine]:
        return [row for one in await self.sends() for row in one.lines]

    async def show(self, send: Send) -> Send:
        return (await self.use_cases.show_send(send.tenant_id, send.id)).send

    def job(self, job_id: str) -> Job:
        return next(job for job in self.jobs if job.id == job_id)

    def item(self, digits: str) -> Item | None:
        return next((item for item in self.items if item.id[-3:] == digits), None)
