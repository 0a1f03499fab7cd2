"""The open resources of an installation: one context manager opens them in order and closes them in reverse."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.bootstrap.container import Container
from adapters.bootstrap.database import open_database
from adapters.bootstrap.encryption_key import open_vault
from adapters.bootstrap.identity import open_identity
from adapters.bootstrap.mail import open_mailer
from adapters.bootstrap.rules import open_rules
from adapters.bootstrap.settings import SPECTRUM_DEADLINE_SECONDS, Settings
from adapters.bootstrap.worker import slots_of, work_on
from adapters.inbound.server.limits import Limits
from adapters.outbound.intent_mark.file_intent_mark import FileIntentMark
from adapters.outbound.postgres.change_feed import PostgresChangeFeed
from adapters.outbound.postgres.due_work import workers_alive
from adapters.outbound.postgres.server.embedded import EmbeddedPostgres
from adapters.outbound.postgres.server.schema import require_schema, require_schema_on
from adapters.outbound.postgres.server.watch import DatabaseWatch
from adapters.outbound.postgres.transactions import PostgresTransactions, make_engine
from adapters.outbound.servicetrade.aiohttp_service_trade import AiohttpServiceTrade
from adapters.outbound.spectrum.envelope import prepare as prepare_requests
from adapters.outbound.spectrum.soap_spectrum import SoapSpectrum
from adapters.outbound.webhook_sender.aiohttp_webhook_sender import AiohttpWebhookSender
from core.model.shared.retry_delays import RetryDelays
from core.services.service import LineTiming
from core.services.wiring import Services, UseCases
from ports.change_feed import ChangeFeed
from ports.storage.due_work import Slots

if TYPE_CHECKING:
    from adapters.inbound.worker.worker import GiveWay

_log = structlog.get_logger()
_LOOK_AGAIN_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Runtime:
    """A running installation, open until its `async with` block ends."""

    services: Services
    change_feed: ChangeFeed
    engine: AsyncEngine
    watch: DatabaseWatch
    database_url: str
    slots: Slots
    limits: Limits
    open_metrics: bool

    async def _drain(self, tenant_id: str, connection_id: str, give_way: GiveWay) -> bool:
        return await self.services.drain_connection(connection_id, tenant_id=tenant_id, give_way=give_way)

    @property
    def use_cases(self) -> UseCases:
        return self.services.use_cases

    async def ready(self) -> None:
        """Raises a JobferryError unless the database answers and has this version's schema."""
        await require_schema_on(self.engine)

    async def worker_alive(self) -> bool:
        """Whether any process on this database carries out sends."""
        return bool(await workers_alive(self.database_url))

    async def work(self, stop: asyncio.Event) -> None:
        """Carry out sends and follow completions until `stop` is set. Running slices are finished first."""
        await self.services.compare_intents()
        await asyncio.to_thread(prepare_requests)
        slots = self.slots
        _log.info("worker.started", slots=slots.total, slots_of_a_tenant=slots.of_a_tenant, version=version("jobferry"))
        await work_on(
            self.database_url,
            self._drain,
            sync_completions=self.services.sync_completions,
            deliver_events=self.services.deliver_events,
            renew_secret=self.services.renew_expiring_secret,
            tell_recipient=self.services.tell_recipient,
            reconcile=self.services.carry_out_reconciliation,
            suggest=self.services.carry_out_suggestions,
            refresh_lists=self.services.refresh_lists,
            keep_retention=self.services.keep_retention,
            slots=self.slots,
            stop=stop,
            watch=self.watch,
        )
        _log.info("worker.stopped")

    def working(self) -> AbstractAsyncContextManager[None]:
        """Carry out sends in the background until the block ends."""
        return _beside(self.work)

    @asynccontextmanager
    async def worker_at_hand(self) -> AsyncIterator[None]:
        """Ensure that sends are carried out inside the block: by this process whenever no worker is alive.

        Raises OperatorMends at once if this process would have to send and cannot store what it sends.
        """
        if not await self.worker_alive():
            await self.services.compare_intents()
        async with _beside(self._stand_in):
            yield

    async def _stand_in(self, stop: asyncio.Event) -> None:
        """Repeats the check, because a killed worker counts as alive until its last heartbeat is old enough."""
        while not stop.is_set():
            if not await self.worker_alive():
                await self.work(stop)
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _LOOK_AGAIN_SECONDS)


@asynccontextmanager
async def _beside(work: Callable[[asyncio.Event], Coroutine[None, None, None]]) -> AsyncIterator[None]:
    """Run `work` until the block ends: it is told to stop by the event, and then awaited."""
    stop = asyncio.Event()
    running = asyncio.create_task(work(stop))
    try:
        yield
    finally:
        stop.set()
        await running


@asynccontextmanager
async def open_runtime(settings: Settings) -> AsyncIterator[Runtime]:
    """Open everything on an initialised database. Raises OperatorMends if database, schema or key cannot be used."""
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(open_database(settings))
        again = None if settings.database_url else partial(EmbeddedPostgres.start_again, settings.data_dir)
        await require_schema(url)
        vault = open_vault(settings)
        engine = make_engine(url)
        stack.push_async_callback(engine.dispose)
        watch = await stack.enter_async_context(DatabaseWatch(url, again))
        watch.follow(engine)
        networks, hosted = tuple(settings.allowed_networks), settings.mode == "hosted"
        transactions = PostgresTransactions(engine, vault)
        await transactions.require_key()
        rules = await stack.enter_async_context(open_rules(settings))
        change_feed = await stack.enter_async_context(PostgresChangeFeed(url))
        services = Container(
            transactions=transactions,
            change_feed=change_feed,
            service_trade=await stack.enter_async_context(
                AiohttpServiceTrade.open(allowed_networks=networks, hosted=hosted)
            ),
            spectrum=await stack.enter_async_context(
                SoapSpectrum(allowed_networks=networks, hosted=hosted, deadline_seconds=SPECTRUM_DEADLINE_SECONDS)
            ),
            webhook_sender=AiohttpWebhookSender(allowed_networks=networks, hosted=hosted),
            intent_mark=FileIntentMark(settings.intents_dir),
            identity=open_identity(settings),
            mailer=open_mailer(settings),
            rules=rules,
            delays=RetryDelays(settings.retry_delays),
            line_timing=LineTiming(quiet=timedelta(seconds=settings.quiet_period_seconds)),
            poll_every=timedelta(seconds=settings.poll_seconds),
            retention=settings.retention,
            spectrum_calls_at_once=settings.spectrum_calls_at_once,
            sends_waiting_at_most=settings.waiting_sends_per_tenant or None,
            public_url=str(settings.public_url or ""),
        ).services()
        yield Runtime(
            services,
            change_feed,
            engine,
            watch,
            url,
            slots_of(settings.worker_concurrency, settings.worker_tenant_share),
            Limits(
                requests_per_minute=settings.rate_limit_per_minute,
                requests_at_once=settings.requests_at_once,
                streams_per_owner=settings.event_streams_per_tenant,
                waits_per_owner=settings.waiting_requests_per_tenant,
                trusted_proxies=tuple(settings.trusted_proxies),
            ),
            # With a public address or a proxy, a request over loopback may come from anybody outside.
            open_metrics=settings.public_url is None and not settings.trusted_proxies,
        )
