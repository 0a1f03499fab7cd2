"""The live things of an installation, opened in order and closed again in reverse by one context manager."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from adapters.bootstrap.container import Container
from adapters.bootstrap.encryption_key import open_vault
from adapters.bootstrap.settings import Settings
from adapters.inbound.use_cases import UseCases
from adapters.outbound.clock import SystemClock
from adapters.outbound.ids import UlidIds
from adapters.outbound.postgres.embedded import EmbeddedPostgres
from adapters.outbound.postgres.migrate import require_schema
from adapters.outbound.postgres.transactions import PostgresTransactions, make_engine
from adapters.outbound.queue.worker import run_worker, workers_alive
from adapters.outbound.random import SystemRandom
from adapters.outbound.servicetrade.aiohttp_service_trade import AiohttpServiceTrade
from adapters.outbound.spectrum.soap_spectrum import SoapSpectrum
from core.model.retry_delays import RetryDelays
from core.services.drain_connection import DrainConnection
from plugins.host import PluginHost


@dataclass(frozen=True, slots=True)
class Parts:
    """A running installation, as long as its block lasts."""

    use_cases: UseCases
    drain_connection: DrainConnection
    database_url: str
    concurrency: int

    async def ready(self) -> None:
        """Raises OperatorMends unless the database answers and has this version's schema."""
        await require_schema(self.database_url)

    async def worker_alive(self) -> bool:
        """Whether any process on this database carries out sends."""
        return bool(await workers_alive(self.database_url))

    async def work(self, stop: asyncio.Event) -> None:
        """Carry out sends until `stop` is set; what has begun is ended first."""
        await run_worker(self.database_url, self.drain_connection, concurrency=self.concurrency, stop=stop)

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Carry out sends in the background until the block ends."""
        stop = asyncio.Event()
        worker = asyncio.create_task(self.work(stop))
        try:
            yield
        finally:
            stop.set()
            await worker

    @asynccontextmanager
    async def worker_at_hand(self) -> AsyncIterator[None]:
        """Inside, sends are carried out: by whoever does already, else by this process."""
        if await self.worker_alive():
            yield
            return
        async with self.working():
            yield


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[str]:
    """The address of the configured database, or of the embedded one, which runs until nobody uses it any more."""
    if settings.database_url:
        yield settings.database_url.get_secret_value()
        return
    embedded = await asyncio.to_thread(EmbeddedPostgres.start, settings.data_dir)
    try:
        yield embedded.url
    finally:
        await asyncio.to_thread(embedded.close)


@asynccontextmanager
async def running_parts(settings: Settings) -> AsyncIterator[Parts]:
    """Everything, on an initialised database. Raises OperatorMends when database, schema or key are not as needed."""
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(open_database(settings))
        await require_schema(url)
        vault = open_vault(settings)
        engine = make_engine(url)
        stack.push_async_callback(engine.dispose)
        networks = tuple(settings.allowed_networks)
        transactions = PostgresTransactions(engine, vault)
        await transactions.require_key()
        container = Container(
            transactions=transactions,
            service_trade=await stack.enter_async_context(AiohttpServiceTrade.open(allowed_networks=networks)),
            spectrum=await stack.enter_async_context(SoapSpectrum(allowed_networks=networks)),
            rules=PluginHost(),
            clock=SystemClock(),
            ids=UlidIds(),
            random=SystemRandom(),
            delays=RetryDelays(settings.retry_delays),
        )
        yield Parts(container.use_cases(), container.drain_connection(), url, settings.worker_concurrency)
