"""The API on a loopback socket over storage and remote systems in memory, with a worker that a test drives by hand."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from argon2 import PasswordHasher

from adapters.bootstrap.web_app import make_app
from adapters.inbound.server.limits import Limits
from adapters.inbound.server.listener import ConnectionLimiter, serving
from adapters.inbound.server.problem import MEDIA_TYPE
from adapters.outbound.argon2_passwords import Argon2Passwords
from adapters.outbound.matching.rapidfuzz_matcher import RapidFuzzMatcher
from adapters.outbound.memory.remote.intent_mark import MemoryIntentMark
from adapters.outbound.memory.remote.mailer import MemoryMailer
from adapters.outbound.memory.remote.service_trade import MemoryServiceTrade
from adapters.outbound.memory.remote.spectrum import MemorySpectrum
from adapters.outbound.memory.remote.webhook_sender import MemoryWebhookSender
from adapters.outbound.memory.transactions import MemoryTransactions
from adapters.outbound.random import SystemRandom
from core.model.access.caller import Caller
from core.model.planning.job import JobSnapshot, Party
from core.model.shared.retry_delays import RetryDelays
from core.services.access.api_keys import KeyRequest
from core.services.mappings.refresh_lists import RefreshLists
from core.services.mappings.suggestions.carry_out_suggestions import CarryOutSuggestions
from core.services.notifications.tell_recipient import TellRecipient
from core.services.operations.keep_retention import KeepRetention
from core.services.reconciliation.carry_out_reconciliation import CarryOutReconciliation
from core.services.sending.compare_intents import CompareIntents
from core.services.sending.drain_connection import DrainConnection
from core.services.service import Dependencies
from core.services.webhooks.deliver_events import DeliverEvents
from core.services.wiring import Services, UseCases
from plugins.host import PluginHost
from ports.change_feed import ChangeFeed
from ports.clock import Clock
from ports.identity import Identity
from ports.ids import Ids
from ports.rules import Rules
from ports.service_trade import ServiceTrade
from ports.spectrum import Spectrum
from ports.storage.transactions import Transactions
from tests.support.documented_errors import require_documented, require_place_to_ask

JOB = JobSnapshot(
    id="2412087334600705",
    number="104482",
    status="scheduled",
    description="Replace leaking check valve on riser 2 and retest.",
    customer_po="PO-77120",
    customer=Party(id="1", name="Harborview Foods", external_id="HARVIEW"),
    location=Party(id="2", name="Plant 2", external_id="HV0002"),
)
UNMAPPED = JobSnapshot(
    id="2412087334600706",
    number="104483",
    status="scheduled",
    customer=Party(id="1", name="Harborview Foods", external_id="HARVIEW"),
    location=Party(id="3", name="Cold Store"),
)
TENANT = {
    "slug": "cardinal",
    "name": "Cardinal Fire Protection",
    "servicetrade": {"username": "sync@example.com", "password": "pw-that-stays-inside"},
}
CONNECTION = {
    "slug": "main",
    "name": "Spectrum",
    "external_system": "spectrum",
    "endpoint_url": "https://spectrum.example.com:8482/ws",
    "company_code": "101",
    "authorization_id": "AUTH-7711-XYZ",
    "enhanced_auth": {"client_id": "client-1", "client_secret": "cs-that-stays-inside"},
    "leading_character": "T",
    "default_work_order_type": "SVC",
}
SECRETS = ("pw-that-stays-inside", "AUTH-7711-XYZ", "cs-that-stays-inside")
QUICK_PASSWORDS = Argon2Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
"""Good for nothing but tests."""
UNLIMITED = Limits(requests_per_minute=0, requests_at_once=100_000)
SENDS = "/v1/tenants/cardinal/sends"


class SteppingClock(Clock):
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
        self.paused: list[float] = []

    def now(self) -> datetime:
        return self.at

    def boot_seconds(self) -> float:
        return self.at.timestamp()

    async def pause(self, seconds: float) -> None:
        """Nobody waits in a test: the clock moves on."""
        self.paused.append(seconds)
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class CountingIds(Ids):
    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def new(self, prefix: str) -> str:
        return f"{prefix}_{next(self._numbers):04}"


class WatchedLimiter(ConnectionLimiter):
    """Tells when somebody came or went."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self._changed = asyncio.Event()

    def acquire(self, transport: asyncio.Transport) -> bool:
        self._changed.set()
        return super().acquire(transport)

    def release(self, transport: asyncio.Transport) -> None:
        super().release(transport)
        self._changed.set()

    async def until(self, connections: int) -> None:
        """Return once exactly so many are open."""
        async with asyncio.timeout(20):
            while self.open_connections != connections:
                self._changed.clear()
                await self._changed.wait()


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    text: str
    body: Any


@dataclass
class Scene:
    """A running API. `call` speaks JSON with the operator key; `work` is the worker."""

    url: str
    key: str
    http: aiohttp.ClientSession
    use_cases: UseCases
    drain: DrainConnection
    transactions: MemoryTransactions
    service_trade: MemoryServiceTrade
    spectrum: MemorySpectrum
    clock: SteppingClock
    limiter: WatchedLimiter
    deliver: DeliverEvents
    webhook_sender: MemoryWebhookSender
    mailer: MemoryMailer
    tell_recipient: TellRecipient
    intent_mark: MemoryIntentMark
    compare_intents: CompareIntents
    keep_retention: KeepRetention
    carry_out_reconciliation: CarryOutReconciliation
    carry_out_suggestions: CarryOutSuggestions
    refresh_lists: RefreshLists
    broken: list[Exception] = field(default_factory=list)

    async def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        key: str | None = "",
    ) -> Answer:
        """`key` '' is the scene's own, None sends none."""
        sent = {} if key is None else {"Authorization": f"Bearer {key or self.key}"}
        if data is not None:
            sent["Content-Type"] = "application/json"
        sent |= headers or {}
        payload = {"json": body} if body is not None else {"data": data}
        asked = len(self.service_trade.calls)
        async with self.http.request(
            method, self.url + path, headers=sent, allow_redirects=False, **payload
        ) as response:
            text = await response.text()
            json = (
                await response.json(content_type=None) if response.content_type.endswith(("/json", "+json")) else None
            )
            if len(self.service_trade.calls) > asked and "Prefer" not in sent:  # others may work while it waits
                require_place_to_ask(method, path)
            if json and response.content_type == MEDIA_TYPE:
                require_documented(method, path, json)
            return Answer(response.status, response.headers.copy(), text, json)

    async def furnish(self) -> None:
        """A tenant, a connection and two jobs; the second is not mapped."""
        assert (await self.call("POST", "/v1/tenants", TENANT)).status == 201
        await self.furnish_connection()
        for job in (JOB, UNMAPPED):
            await self.add_job(job)

    async def furnish_connection(self) -> None:
        assert (await self.call("POST", "/v1/tenants/cardinal/connections", CONNECTION)).status == 201

    async def add_job(self, job: JobSnapshot) -> None:
        tenant = await self.use_cases.find_tenant("cardinal")
        self.service_trade.add_job(tenant.id, job)

    async def send(self, job: JobSnapshot = JOB, **more: Any) -> str:
        """Request a send and return its id."""
        answer = await self.call("POST", SENDS, {"job_id": job.id, "connection": "main", **more})
        assert answer.status == 202, answer.text
        return str(answer.body["id"])

    async def reconcile(self, tenant: str = "cardinal") -> str:
        """A reconciliation of all days around now, carried out as a worker does; its id."""
        owner = await self.use_cases.find_tenant(tenant)
        # Jobs are completed in the time of this machine, and the second that has begun is left out.
        self.clock.advance(max(0.0, (datetime.now(UTC) - self.clock.now()).total_seconds()) + 60)
        today = self.clock.now().date()
        run = await self.use_cases.start_reconciliation(owner.id, today - timedelta(days=300), today, by="ann")
        while (await self.use_cases.read_reconciliations.show(owner.id, run.id)).run.running:
            await self.carry_out_reconciliation(owner.id, run.id)
        return run.id

    async def work(self) -> None:
        """Drain what was woken."""
        while self.transactions.rows.woken:
            await self.drain(self.transactions.rows.woken.pop(0))


@asynccontextmanager
async def api(
    *,
    limits: Limits = UNLIMITED,
    open_metrics: bool = True,
    storage: Transactions | None = None,
    change_feed: ChangeFeed | None = None,
    rules: Rules | None = None,
    identity: Callable[[SteppingClock], Identity] | None = None,
    sends_waiting_at_most: int | None = None,
    real_service_trade: ServiceTrade | None = None,
    real_spectrum: Spectrum | None = None,
) -> AsyncIterator[Scene]:
    """An empty installation with one operator key; `storage`, `change_feed` and the real remote systems take the place
    of those in memory."""
    clock = SteppingClock()
    transactions = MemoryTransactions(clock.now)
    service_trade, spectrum = MemoryServiceTrade(), MemorySpectrum(boot_seconds=clock.boot_seconds)
    webhook_sender, intent_mark, mailer = MemoryWebhookSender(), MemoryIntentMark(), MemoryMailer()
    services = Services(
        Dependencies(
            transactions=storage or transactions,
            change_feed=change_feed or transactions.change_feed,
            service_trade=real_service_trade or service_trade,
            spectrum=real_spectrum or spectrum,
            webhook_sender=webhook_sender,
            mailer=mailer,
            intent_mark=intent_mark,
            identity=identity(clock) if identity else None,
            rules=rules or PluginHost(),
            clock=clock,
            ids=CountingIds(),
            random=SystemRandom(),
            passwords=QUICK_PASSWORDS,
            code_matcher=RapidFuzzMatcher(),
            delays=RetryDelays(),
            sends_waiting_at_most=sends_waiting_at_most,
            public_url="https://jobferry.example.com",
        )
    )
    use_cases = services.use_cases
    broken: list[Exception] = []

    async def ready() -> None:
        if broken:
            raise broken[0]

    limiter = WatchedLimiter(limits)
    app = make_app(
        use_cases,
        change_feed or transactions.change_feed,
        ready=ready,
        limiter=limiter,
        open_metrics=open_metrics,
        seconds=clock.boot_seconds,
        pause=clock.pause,
    )
    async with serving(app, "127.0.0.1", 0, limiter) as url, aiohttp.ClientSession() as http:
        yield Scene(
            url=url,
            key=(await use_cases.api_keys.create(KeyRequest(name="scene"), Caller())).text,
            http=http,
            use_cases=use_cases,
            drain=services.drain_connection,
            transactions=transactions,
            service_trade=service_trade,
            spectrum=spectrum,
            clock=clock,
            deliver=services.deliver_events,
            webhook_sender=webhook_sender,
            mailer=mailer,
            tell_recipient=services.tell_recipient,
            intent_mark=intent_mark,
            compare_intents=services.compare_intents,
            keep_retention=services.keep_retention,
            carry_out_reconciliation=services.carry_out_reconciliation,
            carry_out_suggestions=services.carry_out_suggestions,
            refresh_lists=services.refresh_lists,
            limiter=limiter,
            broken=broken,
        )


def pointers(answer: Answer) -> list[str]:
    """Where a problem says that the request is wrong."""
    return [error["pointer"] for error in answer.body["errors"]]


def is_problem(answer: Answer, status: int, code: str) -> bool:
    """Whether this is a complete problem document of this kind."""
    parts = ("type", "title", "status", "detail", "code", "errors", "fix", "retryable")
    assert answer.headers["Content-Type"].startswith("application/problem+json"), answer.text
    assert all(part in answer.body for part in parts), answer.text
    assert answer.body["status"] == answer.status
    assert answer.body["request_id"] == answer.headers["X-Request-Id"]
    return (answer.status, answer.body["code"]) == (status, code)
