"""A worker inside the test's own process that dies at a moment: from then on nothing of it reaches the outside.

It is as dead as after SIGKILL (every later call or commit raises, too), but takes no process to start.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.outbound.postgres.transactions import PostgresTransactions, make_engine
from adapters.outbound.vault.aes_gcm_vault import AesGcmVault
from ports.service_trade import ServiceTrade
from ports.spectrum import Spectrum
from tests.faults.support.crash_injector import CrashInjector, crashing_service_trade, crashing_spectrum
from tests.faults.support.crash_worker import MASTER_KEY, Systems, parts
from tests.faults.support.worker_harness import WorkerHarness
from tests.support.watched_commits import WatchedCommits


class Died(BaseException):
    """No error: nothing catches it."""


class Death(CrashInjector):
    """At moment `dies_at` (1 = the first) and ever after."""

    def __init__(self, dies_at: int) -> None:
        self._left = dies_at

    def moment(self, name: str) -> None:
        del name
        self._left -= 1
        if self._left <= 0:
            raise Died


class Mortals:
    def __init__(self, harness: WorkerHarness, engine: AsyncEngine, systems: tuple[ServiceTrade, Spectrum]) -> None:
        self._harness = harness
        self.stored = PostgresTransactions(engine, AesGcmVault(MASTER_KEY), ahead=lambda: harness.clock.ahead)
        self._service_trade, self._spectrum = systems

    async def drain(self, dies_at: int) -> bool:
        """Drain `main` until nothing is due; whether the worker died before."""
        harness, death = self._harness, Death(dies_at)
        services = parts(
            WatchedCommits(self.stored, death.moment),
            crashing_service_trade(self._service_trade, death),
            crashing_spectrum(self._spectrum, death),
            harness.orders(),
        )
        try:
            while await services.drain_connection(harness.connection_id):
                pass
        except Died:
            return True
        return False

    async def refresh_lists(self) -> None:
        """Read the lists of `main` as the night does."""
        harness = self._harness
        services = parts(self.stored, self._service_trade, self._spectrum, harness.orders())
        await services.refresh_lists(harness.tenant_id, harness.connection_id)


@asynccontextmanager
async def mortals(harness: WorkerHarness) -> AsyncIterator[Mortals]:
    engine = make_engine(harness.database_url, pool_size=4)
    async with Systems(harness.orders()) as systems:
        yield Mortals(harness, engine, systems)
    await engine.dispose()
