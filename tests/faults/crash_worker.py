"""A worker process with a fuse in every port: drains one connection and kills itself at the nth moment."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path

from adapters.bootstrap.container import Container
from adapters.bootstrap.log import configure_log
from adapters.outbound.clock import SystemClock
from adapters.outbound.ids import UlidIds
from adapters.outbound.postgres.transactions import PostgresTransactions, make_engine
from adapters.outbound.random import SystemRandom
from adapters.outbound.read_back.sandbox_read_back import SandboxReadBack
from adapters.outbound.servicetrade.aiohttp_service_trade import AiohttpServiceTrade
from adapters.outbound.spectrum.soap_spectrum import SoapSpectrum
from adapters.outbound.vault.aes_gcm_vault import AesGcmVault
from core.model.retry_delays import RetryDelays
from plugins.host import PluginHost
from tests.faults.fuse import Fuse, FusedTransactions, fused_service_trade, fused_spectrum

MASTER_KEY = b"k" * 32
LOOPBACK = ip_network("127.0.0.0/8")


@dataclass(frozen=True, slots=True)
class Orders:
    """What the process is told: where the database is, what to drain, when to die (0 = never)."""

    database_url: str
    connection_id: str
    dies_at: int
    trail: Path


def work(orders: Orders) -> None:
    """The process's main: returns when nothing is due, unless the fuse burns first."""
    configure_log("error")
    asyncio.run(_work(orders))


async def _work(orders: Orders) -> None:
    fuse = Fuse(orders.dies_at, orders.trail)
    engine = make_engine(orders.database_url, pool_size=2)
    async with AiohttpServiceTrade.open() as service_trade, SoapSpectrum(allowed_networks=[LOOPBACK]) as spectrum:
        container = Container(
            transactions=FusedTransactions(PostgresTransactions(engine, AesGcmVault(MASTER_KEY)), fuse),
            service_trade=fused_service_trade(service_trade, fuse),
            spectrum=fused_spectrum(spectrum, fuse),
            read_back=SandboxReadBack(allowed_networks=[LOOPBACK]),
            rules=PluginHost(),
            clock=SystemClock(),
            ids=UlidIds(),
            random=SystemRandom(),
            delays=RetryDelays(),
        )
        drain = container.drain_connection()
        while await drain(orders.connection_id):
            pass
    await engine.dispose()
