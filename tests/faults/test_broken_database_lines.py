"""The line to the database breaks at any moment, also after a COMMIT was sent: every caller is told, a repeated request
becomes no second send, and no cost line is posted twice or forgotten."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from random import Random

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.outbound.ids import UlidIds
from adapters.outbound.memory.change_feed import MemoryChangeFeed
from adapters.outbound.memory.passwords import MemoryPasswords
from adapters.outbound.memory.remote.webhook_sender import MemoryWebhookSender
from adapters.outbound.postgres.transactions import PostgresTransactions, make_engine
from adapters.outbound.random import SystemRandom
from adapters.outbound.servicetrade.aiohttp_service_trade import AiohttpServiceTrade
from adapters.outbound.spectrum.soap_spectrum import SoapSpectrum
from adapters.outbound.vault.aes_gcm_vault import AesGcmVault
from core.model.sending.new_send import NewSend
from core.model.sending.send import SendState
from core.model.shared.errors import TimeMends
from core.model.shared.retry_delays import RetryDelays
from core.model.work_orders.cost_line import ItemsMode
from core.services.sending.lifecycle.commit_change import CommitChange
from core.services.sending.store_request import StoreRequest
from core.services.service import Dependencies
from core.services.wiring import Services
from plugins.host import PluginHost
from ports.storage.send_requests import BoundKey, RequestedSends
from tests.faults.support.database_line import DatabaseLine
from tests.faults.support.fixtures import (
    add_completed_job,
    assert_books_agree,
    expected,
    in_spectrum,
    lines_of,
    settle_doubts,
)
from tests.faults.support.places import assert_no_place_is_lost
from tests.journeys.world import LOOPBACK, NORTH, open_world
from tests.support.dependencies import over
from tests.support.storage_scene import furnish, transactions_on

FULL = os.environ.get("FAULTS") == "full"
SEEDS = range(40 if FULL else 2)
CALLERS, SENDS = 300, 12
SHARE = 0.05
QUIET_MINUTES = 16

pytestmark = pytest.mark.long


@pytest.fixture(params=SEEDS)
async def line(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[DatabaseLine]:
    async with DatabaseLine.to(database_url, request.param) as line:
        yield line


@pytest.fixture
async def far_engine(line: DatabaseLine) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(line.url)
    yield engine
    await engine.dispose()


async def test_a_request_that_is_repeated_until_it_is_answered_is_stored_once(
    line: DatabaseLine, far_engine: AsyncEngine, engine: AsyncEngine
) -> None:
    here, transactions = await furnish(engine), transactions_on(far_engine)
    d = over(transactions)
    store, pauses = StoreRequest(d, CommitChange(d)), Random(1)

    async def request(number: int) -> str:
        """A fifth of all are for few jobs, so that older sends give way."""
        job_id = str(number % 7 if number % 5 == 0 else 1000 + number)
        await asyncio.sleep(pauses.random())
        for again in range(100):
            new = NewSend(id=f"snd_{number}_{again}", job_id=job_id, requested_by="ann")
            key = BoundKey(f"key-{number}", "hash", new.id)
            try:
                stored = await store("ten_1", RequestedSends(slug="main-1", sends=[new], key=key))
            except TimeMends:
                await asyncio.sleep(pauses.random() / 50)
            else:
                return stored.first.bound_to if stored.first else stored.sends[0].id
        raise AssertionError("it was never answered")

    line.share = SHARE
    async with asyncio.timeout(100):
        told = await asyncio.gather(*map(request, range(CALLERS)))
    line.share = 0.0
    assert min(line.broken[place] for place in ("before", "within", "after")) > 0
    stored, before = set(), None
    async with here.begin("ten_1") as t:
        while page := await t.sends.page(limit=200, before=before):
            stored |= {send.id for send in page}
            before = page[-1].seq
    assert stored == set(told)
    assert len(stored) == CALLERS
    assert_no_place_is_lost(transactions)


async def test_no_cost_line_is_posted_twice_or_forgotten(
    line: DatabaseLine, far_engine: AsyncEngine, engine: AsyncEngine
) -> None:
    async with (
        open_world(engine, deadline_seconds=20.0, plugins=[]) as world,
        AiohttpServiceTrade.open(allowed_networks=(LOOPBACK,)) as service_trade,
        SoapSpectrum(allowed_networks=(LOOPBACK,), boot_seconds=world.clock.boot_seconds) as spectrum,
    ):
        transactions = PostgresTransactions(far_engine, AesGcmVault(b"k" * 32), ahead=world.clock.ahead)
        far = Services(
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
        connection_id, state = (await world.connection()).id, world.servicetrade.state
        state.settings.call_ms = 0
        customer, site = state.add_company(spectrum="HARVIEW"), state.add_location(spectrum="HV0002")
        jobs = [add_completed_job(state, 600000 + n, customer=customer, site=site) for n in range(SENDS)]
        sends = [await world.request(job_id, connection=NORTH, items=ItemsMode.NEW_ONLY) for job_id in jobs]
        line.share = SHARE
        for _ in range(SENDS * 10):
            try:
                if not await far.drain_connection(connection_id):
                    break
            except TimeMends:
                continue  # the queue's worker takes the connection up again
        line.share = 0.0
        assert line.broken.total() > line.broken[""]
        await world.later(QUIET_MINUTES)
        for _ in range(3):
            assert_books_agree(await lines_of(world.use_cases, sends), in_spectrum(world.spectrum.state))
            await settle_doubts(world.use_cases, world.tenant.id, world.spectrum.state)
            for send in sends:
                if (await world.show(send)).state is SendState.NEEDS_ATTENTION:
                    await world.retry(send)
            await world.later(QUIET_MINUTES)
        assert {(await world.show(send)).state for send in sends} == {SendState.SENT}
        assert in_spectrum(world.spectrum.state) == expected(f"T{600000 + n}" for n in range(SENDS))
        assert_no_place_is_lost(transactions)
