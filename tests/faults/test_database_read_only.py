"""The database fails over to a server that takes no writes yet, right after Spectrum has answered for a cost line: the
answer is stored once there is one that does, and nobody has to look in Spectrum."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.outbound.ids import UlidIds
from adapters.outbound.memory.change_feed import MemoryChangeFeed
from adapters.outbound.memory.passwords import MemoryPasswords
from adapters.outbound.memory.remote.webhook_sender import MemoryWebhookSender
from adapters.outbound.postgres.transactions import PostgresTransactions
from adapters.outbound.random import SystemRandom
from adapters.outbound.servicetrade.aiohttp_service_trade import AiohttpServiceTrade
from adapters.outbound.spectrum.soap_spectrum import SoapSpectrum
from adapters.outbound.vault.aes_gcm_vault import AesGcmVault
from core.model.sending.answer import Exchange
from core.model.sending.send import SendState
from core.model.shared.errors import TimeMends
from core.model.shared.retry_delays import RetryDelays
from core.model.work_orders.cost_line import ItemsMode, LineState
from core.services.service import Dependencies
from core.services.wiring import Services
from plugins.host import PluginHost
from tests.faults.support.fixtures import add_completed_job, expected, in_spectrum, lines_of
from tests.journeys.world import LOOPBACK, NORTH, open_world
from tests.support.read_only_database import make_read_only, make_writable

TRIES = 3
"""So many are refused before somebody mends the database; the pauses between them take less than two seconds."""


class Failover(SoapSpectrum):
    """The database becomes read-only while the answer to a line is on its way to us."""

    database_url = ""

    async def add_line(self, *call: Any, **details: Any) -> Exchange:
        exchange = await super().add_line(*call, **details)
        await make_read_only(self.database_url)
        return exchange


class Refused(PostgresTransactions):
    """Counts what the read-only database refuses; at the last one it becomes writable."""

    database_url = ""
    refused = 0

    @asynccontextmanager
    async def _session(self, whose: str) -> AsyncIterator[Any]:
        try:
            async with super()._session(whose) as connected:
                yield connected
        except TimeMends:
            self.refused += 1
            if self.refused % TRIES == 0:
                await make_writable(self.database_url)
            raise


@pytest.mark.long
async def test_a_lines_answer_outlives_a_read_only_database(database_url: str, engine: AsyncEngine) -> None:
    async with (
        open_world(engine, deadline_seconds=20.0, plugins=[]) as world,
        AiohttpServiceTrade.open(allowed_networks=(LOOPBACK,)) as service_trade,
        Failover(allowed_networks=(LOOPBACK,), boot_seconds=world.clock.boot_seconds) as spectrum,
    ):
        transactions = Refused(engine, AesGcmVault(b"k" * 32), ahead=world.clock.ahead)
        spectrum.database_url = transactions.database_url = database_url
        drain = Services(
            Dependencies(
                passwords=MemoryPasswords(),
                webhook_sender=MemoryWebhookSender(),
                transactions=transactions,
                change_feed=MemoryChangeFeed(),
                service_trade=service_trade,
                spectrum=spectrum,
                rules=PluginHost(),
                intent_mark=world.intent_mark,
                clock=world.clock,
                ids=UlidIds(),
                random=SystemRandom(),
                delays=RetryDelays(),
            )
        ).drain_connection
        state = world.servicetrade.state
        state.settings.call_ms = 0
        customer, site = state.add_company(spectrum="HARVIEW"), state.add_location(spectrum="HV0002")
        job_id = add_completed_job(state, 600001, customer=customer, site=site)
        asked = await world.request(job_id, connection=NORTH, items=ItemsMode.NEW_ONLY)
        connection_id = (await world.connection()).id
        while await drain(connection_id):
            pass
        send = await world.show(asked)
        lines = await lines_of(world.use_cases, [send])
        assert transactions.refused == TRIES * len(lines), "the database was not read-only"
        assert [line.state for line in lines] == [LineState.POSTED, LineState.POSTED]
        assert (send.state, send.attempts) == (SendState.SENT, 0)
        assert in_spectrum(world.spectrum.state) == expected(["T600001"])
