"""The database is away for a moment in the middle of a send: it goes on by itself, and no try of it is used up."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
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
from core.model.sending.send import SendState
from core.model.shared.errors import TimeMends
from core.model.shared.retry_delays import RetryDelays
from core.model.work_orders.cost_line import ItemsMode, LineState
from core.services.service import Dependencies
from core.services.wiring import Services
from plugins.host import PluginHost
from tests.faults.support.fixtures import add_completed_job, expected, in_spectrum, lines_of
from tests.journeys.world import LOOPBACK, NORTH, open_world

MOST_MOMENTS = 60
LONGEST_WAIT_SECONDS = 60
"""Planning waits as it does for ServiceTrade: the first delay."""


class Blinking(PostgresTransactions):
    """Does not answer at the nth transaction, and at that one only."""

    away_at = 0

    @asynccontextmanager
    async def _session(self, whose: str) -> AsyncIterator[Any]:
        self.away_at -= 1
        if self.away_at == 0:
            raise TimeMends("The database does not answer at the moment.", code="DATABASE_UNREACHABLE")
        async with super()._session(whose) as connected:
            yield connected


@pytest.mark.long
async def test_at_every_moment_of_a_send(engine: AsyncEngine) -> None:
    async with (
        open_world(engine, deadline_seconds=20.0, plugins=[]) as world,
        AiohttpServiceTrade.open(allowed_networks=(LOOPBACK,)) as service_trade,
        SoapSpectrum(allowed_networks=(LOOPBACK,), boot_seconds=world.clock.boot_seconds) as spectrum,
    ):
        transactions = Blinking(engine, AesGcmVault(b"k" * 32), ahead=world.clock.ahead)
        services = Services(
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
        )
        drain, connection_id = services.drain_connection, (await world.connection()).id
        state = world.servicetrade.state
        state.settings.call_ms = 0
        customer, site = state.add_company(spectrum="HARVIEW"), state.add_location(spectrum="HV0002")
        for moment in range(1, MOST_MOMENTS):
            job_id = add_completed_job(state, 600000 + moment, customer=customer, site=site)
            asked = await world.request(job_id, connection=NORTH, items=ItemsMode.NEW_ONLY)
            transactions.away_at = moment
            with suppress(TimeMends):  # the queue's worker takes the connection up again
                while await drain(connection_id):
                    pass
            reached, transactions.away_at = transactions.away_at <= 0, 0
            while await drain(connection_id):
                pass
            assert (await world.show(asked)).attempts == 0, f"moment {moment} used up a try"
            world.clock.advance(LONGEST_WAIT_SECONDS)
            while await drain(connection_id):
                pass
            send = await world.show(asked)
            assert send.state is SendState.SENT, f"moment {moment}"
            assert {line.state for line in await lines_of(world.use_cases, [send])} == {LineState.POSTED}
            if not reached:
                break
        else:
            pytest.fail("the send never came to its end")
        assert moment > 8, "a send has more than eight transactions"
        assert in_spectrum(world.spectrum.state) == expected(f"T{600000 + n}" for n in range(1, moment + 1))
