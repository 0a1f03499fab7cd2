"""Worker processes to kill and to pause: one drain with crash points in every port, or the real worker."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

from adapters.bootstrap.log import configure_log
from adapters.bootstrap.worker import work_on
from adapters.inbound.worker.worker import GiveWay, Heartbeat
from adapters.outbound.clock import SystemClock
from adapters.outbound.ids import UlidIds
from adapters.outbound.memory.change_feed import MemoryChangeFeed
from adapters.outbound.memory.passwords import MemoryPasswords
from adapters.outbound.memory.remote.intent_mark import MemoryIntentMark
from adapters.outbound.memory.remote.webhook_sender import MemoryWebhookSender
from adapters.outbound.postgres.transactions import PostgresTransactions, make_engine
from adapters.outbound.random import SystemRandom
from adapters.outbound.servicetrade.aiohttp_service_trade import AiohttpServiceTrade
from adapters.outbound.spectrum.soap_spectrum import SoapSpectrum
from adapters.outbound.vault.aes_gcm_vault import AesGcmVault
from core.model.sending.lifecycle.facts import HEADER_WITHIN
from core.model.shared.retry_delays import RetryDelays
from core.services.service import Dependencies, LineTiming
from core.services.wiring import Services
from plugins.host import PluginHost
from ports.service_trade import ServiceTrade
from ports.spectrum import Spectrum
from ports.storage.due_work import Slots
from ports.storage.transactions import Transactions
from tests.faults.support.broken_builds import Break, break_build, pause_before_the_intent
from tests.faults.support.crash_injector import CrashInjector, crashing_service_trade, crashing_spectrum
from tests.support.watched_commits import WatchedCommits

MASTER_KEY = b"k" * 32
LOOPBACK = ip_network("127.0.0.0/8")
HEARTBEAT = Heartbeat(every=0.15, stalled=0.8)
"""A dead or paused worker is taken over from within a second."""
HEADER_GATE, FIRST_LINE_GATE, CREATION_GATE = 1, 2, 1
"""A worker that has sent nothing yet looks at the clock for its header first, then for each line. For a new site it
looks once."""


@dataclass(frozen=True, slots=True)
class Orders:
    """What a process is told: the database, what to drain ('' = be a real worker), when to die (at the nth moment, or
    after a call), how broken it is, where it pauses itself, and the times it keeps."""

    database_url: str
    connection_id: str = ""
    dies_at: int = 0
    dies_after: str = ""
    trail: Path = Path(os.devnull)
    broken: Break | None = None
    pauses_at_gate: frozenset[int] = frozenset()
    pauses_before_intent: bool = False
    delays: tuple[float, ...] = RetryDelays().seconds
    send_within: float = 30.0
    header_within: float = HEADER_WITHIN.total_seconds()
    quiet: float = 900.0
    heartbeat: Heartbeat = HEARTBEAT
    plugins: tuple[object, ...] = ()


def work(orders: Orders) -> None:
    """The process's main: returns when nothing is due, unless it dies before; a real worker ends by SIGTERM."""
    configure_log("error")
    if orders.broken:
        break_build(orders.broken)
    if orders.pauses_before_intent:
        pause_before_the_intent()
    asyncio.run(_drain(orders) if orders.connection_id else _work_until_told(orders))


async def _drain(orders: Orders) -> None:
    injector = CrashInjector(orders.dies_at, orders.trail, f"after {orders.dies_after}")
    engine = make_engine(orders.database_url, pool_size=2)
    async with Systems(orders) as (service_trade, spectrum):
        transactions = WatchedCommits(PostgresTransactions(engine, AesGcmVault(MASTER_KEY)), injector.moment)
        services = parts(
            transactions, crashing_service_trade(service_trade, injector), crashing_spectrum(spectrum, injector), orders
        )
        drain = services.drain_connection
        while await drain(orders.connection_id):
            pass
    await engine.dispose()


async def _work_until_told(orders: Orders) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    engine = make_engine(orders.database_url, pool_size=4)
    async with Systems(orders) as (service_trade, spectrum):
        services = parts(PostgresTransactions(engine, AesGcmVault(MASTER_KEY)), service_trade, spectrum, orders)

        async def drain(tenant_id: str, connection_id: str, give_way: GiveWay) -> bool:
            return await services.drain_connection(connection_id, tenant_id=tenant_id, give_way=give_way)

        await work_on(orders.database_url, drain, slots=Slots(4, 4), stop=stop, heartbeat=orders.heartbeat)
    await engine.dispose()


def parts(transactions: Transactions, service_trade: ServiceTrade, spectrum: Spectrum, orders: Orders) -> Services:
    return Services(
        Dependencies(
            passwords=MemoryPasswords(),
            webhook_sender=MemoryWebhookSender(),
            transactions=transactions,
            change_feed=MemoryChangeFeed(),
            service_trade=service_trade,
            spectrum=spectrum,
            intent_mark=MemoryIntentMark(),
            rules=PluginHost(orders.plugins),
            clock=SystemClock(),
            ids=UlidIds(),
            random=SystemRandom(),
            delays=RetryDelays(orders.delays),
            line_timing=LineTiming(
                quiet=timedelta(seconds=orders.quiet),
                send_within=timedelta(seconds=orders.send_within),
                header_within=timedelta(seconds=orders.header_within),
            ),
        )
    )


class Systems:
    """Both remote systems, with the gate that pauses where the orders say so."""

    def __init__(self, orders: Orders) -> None:
        self._service_trade = AiohttpServiceTrade.open(allowed_networks=[LOOPBACK])
        self._spectrum = SoapSpectrum(allowed_networks=[LOOPBACK], boot_seconds=pausing_clock(orders.pauses_at_gate))

    async def __aenter__(self) -> tuple[ServiceTrade, Spectrum]:
        return await self._service_trade.__aenter__(), await self._spectrum.__aenter__()

    async def __aexit__(self, *error: object) -> None:
        await self._spectrum.close()
        await self._service_trade.__aexit__(None, None, None)


def pausing_clock(pauses_at: frozenset[int]) -> Callable[[], float]:
    """The machine's clock; at the given looks (1 = the first) the process stops itself right before it looks."""
    clock, looks = SystemClock(), 0

    def look() -> float:
        nonlocal looks
        looks += 1
        if looks in pauses_at:
            os.kill(os.getpid(), signal.SIGSTOP)
        return clock.boot_seconds()

    return look
