"""The open resources of an installation: one context manager opens them in order and closes them in reverse."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.bootstrap.container import Container
from adapters.bootstrap.encryption_key import open_vault
from adapters.bootstrap.identity import open_identity
from adapters.bootstrap.settings import SPECTRUM_DEADLINE_SECONDS, Settings
from adapters.inbound.server.limits import Limits
from adapters.outbound.intent_mark.file_intent_mark import FileIntentMark
from adapters.outbound.postgres.change_feed import PostgresChangeFeed
from adapters.outbound.postgres.due_work import PostgresDueWork, workers_alive
from adapters.outbound.postgres.server.embedded import EmbeddedPostgres
from adapters.outbound.postgres.server.engines import service_engine
from adapters.outbound.postgres.server.role import as_role_dsn
from adapters.outbound.postgres.server.schema import require_schema, require_schema_on
from adapters.outbound.postgres.server.session import verify_session
from adapters.outbound.postgres.server.watch import DatabaseWatch
from adapters.outbound.postgres.transactions import PostgresTransactions, make_engine
from adapters.outbound.servicetrade.aiohttp_service_trade import AiohttpServiceTrade
from adapters.outbound.spectrum.envelope import prepare as prepare_requests
from adapters.outbound.spectrum.soap_spectrum import SoapSpectrum
from adapters.outbound.webhook_sender.aiohttp_webhook_sender import AiohttpWebhookSender
from core.model.shared.errors import OperatorMends
from core.model.shared.retry_delays import RetryDelays
from core.services.service import LineTiming
from core.services.wiring import Services, UseCases
from plugins.built_in import NAMES
from plugins.catalog import Catalog, load_catalog
from plugins.discovery import sources
from plugins.host import PluginHost
from ports.change_feed import ChangeFeed
from ports.storage.due_work import Slots, WorkKind

if TYPE_CHECKING:
    from adapters.inbound.worker.worker import GiveWay, Heartbeat, KeepRetention, Serve

_log = structlog.get_logger()
_LOOK_AGAIN_SECONDS = 1.0
_POOL_SIZE = 3
"""One for the sweeper; the others put work back that makes room or has failed."""
DEFAULT_SLOTS = Slots(10, 3)


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
        _log.info("worker.started", slots=self.slots.total, slots_of_a_tenant=self.slots.of_a_tenant)
        await work_on(
            self.database_url,
            self._drain,
            sync_completions=self.services.sync_completions,
            deliver_events=self.services.deliver_events,
            renew_secret=self.services.renew_expiring_secret,
            keep_retention=self.services.keep_retention,
            slots=self.slots,
            stop=stop,
            watch=self.watch,
        )

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
async def open_database(settings: Settings, *, create: bool = False) -> AsyncIterator[str]:
    """The address of the configured database, or of the embedded one, which runs until its last user closes it.

    Only with `create` it makes an embedded one. Raises OperatorMends (INSTALLATION_MISSING) if there is none.
    """
    if settings.database_url:
        yield settings.database_url.get_secret_value()
        return
    if not create and not EmbeddedPostgres.made_in(settings.data_dir):
        raise _no_installation(settings)
    embedded = await asyncio.to_thread(EmbeddedPostgres.start, settings.data_dir)
    try:
        yield embedded.url
    finally:
        await asyncio.to_thread(embedded.close)


def _no_installation(settings: Settings) -> OperatorMends:
    """It says where it looked, because an installation of another user or folder is easily taken for a lost one."""
    by = "as set" if "data_dir" in settings.model_fields_set else "the default"
    read = "was read" if settings.file.exists() else "does not exist"
    return OperatorMends(
        f"There is no installation in the data folder {settings.data_dir.absolute()} ({by}). "
        f"The settings file {settings.file} {read}.",
        code="INSTALLATION_MISSING",
        fix="Run `jobferry init` to set one up there. If it is elsewhere, name its place: --data-dir or --config, "
        "JOBFERRY_DATA_DIR, or JOBFERRY_DATABASE_URL for a PostgreSQL of your own.",
    )


async def _plugins(settings: Settings) -> Catalog:
    """Installed plugins, and single files."""
    if settings.no_plugins:
        return Catalog()
    return await load_catalog(
        sources(settings.plugins_folder),
        taken=NAMES,
        trusted=settings.trusted_plugins,
        hidden=settings.private_paths,
    )


@asynccontextmanager
async def open_runtime(settings: Settings) -> AsyncIterator[Runtime]:
    """Open everything on an initialised database. Raises OperatorMends if database, schema or key cannot be used."""
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(open_database(settings))
        await require_schema(url)
        vault = open_vault(settings)
        engine = make_engine(url)
        stack.push_async_callback(engine.dispose)
        watch = await stack.enter_async_context(DatabaseWatch(url))
        watch.follow(engine)
        networks, hosted = tuple(settings.allowed_networks), settings.mode == "hosted"
        transactions = PostgresTransactions(engine, vault)
        await transactions.require_key()
        catalog = await _plugins(settings)
        stack.push_async_callback(catalog.close)
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
            rules=PluginHost(catalog=catalog, defaults=settings.plugin_defaults),
            delays=RetryDelays(settings.retry_delays),
            line_timing=LineTiming(quiet=timedelta(seconds=settings.quiet_period_seconds)),
            poll_every=timedelta(seconds=settings.poll_seconds),
            retention=settings.retention,
            spectrum_calls_at_once=settings.spectrum_calls_at_once,
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
                streams_per_owner=settings.event_streams_per_tenant,
                waits_per_owner=settings.waiting_requests_per_tenant,
                trusted_proxies=tuple(settings.trusted_proxies),
            ),
            # With a public address or a proxy, a request over loopback may come from anybody outside.
            open_metrics=settings.public_url is None and not settings.trusted_proxies,
        )


def slots_of(concurrency: int, tenant_share: float) -> Slots:
    """The slots of a worker, of which one tenant may have `tenant_share` (0 to 1), but at least one."""
    return Slots(concurrency, max(1, int(concurrency * tenant_share)))


async def work_on(
    url: str,
    drain: Serve,
    *,
    sync_completions: Callable[[str], Awaitable[None]] | None = None,
    deliver_events: Callable[[str, str], Awaitable[None]] | None = None,
    renew_secret: Callable[[str, str], Awaitable[None]] | None = None,
    keep_retention: KeepRetention | None = None,
    slots: Slots = DEFAULT_SLOTS,
    stop: asyncio.Event | None = None,
    heartbeat: Heartbeat | None = None,
    watch: DatabaseWatch | None = None,
) -> None:
    """Work until `stop` is set: see `run_worker`. Kinds of work that are None are left to other workers.

    `drain` is called with tenant and connection, `sync_completions` with a tenant, the others with a tenant and a
    webhook endpoint or connection.
    """
    from adapters.inbound.worker.worker import HEARTBEAT, run_worker  # noqa: PLC0415 - most commands never work

    kinds: dict[WorkKind, Serve] = {WorkKind.DRAIN: drain}
    if sync_completions:
        kinds[WorkKind.COMPLETIONS] = _once(lambda tenant_id, _: sync_completions(tenant_id))
    if deliver_events:
        kinds[WorkKind.DELIVERY] = _once(deliver_events)
    if renew_secret:
        kinds[WorkKind.EXPIRY] = _once(renew_secret)
    engine = service_engine(url, pool_size=_POOL_SIZE)
    if watch:
        watch.follow(engine)
    try:
        await run_worker(
            as_role_dsn(url),
            PostgresDueWork(engine),
            kinds,
            slots,
            keep_retention=keep_retention,
            stop=stop,
            heartbeat=heartbeat or HEARTBEAT,
            verify=verify_session,
        )
    finally:
        await engine.dispose()


def _once(work: Callable[[str, str], Awaitable[None]]) -> Serve:
    """For work that stores itself when it is due again, also if that is at once."""

    async def serve(tenant_id: str, subject: str, _: GiveWay) -> bool:
        await work(tenant_id, subject)
        return False

    return serve
