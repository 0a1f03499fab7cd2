"""Transactions are cancelled at any moment, once or twice, while sessions break: no turn, place or session is lost, and
whoever has a session next finds neither a transaction nor a tenant in it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from random import Random

import pytest
from sqlalchemy import text

from adapters.outbound.postgres.transactions import make_engine
from core.model.sending.new_send import NewSend
from core.model.sending.send import Step
from core.model.shared.errors import TimeMends
from ports.storage.send_changes import FactsQuery
from ports.storage.send_requests import BoundKey, RequestedSends
from tests.faults.support.database_line import DatabaseLine
from tests.faults.support.places import assert_no_place_is_lost
from tests.support.storage_scene import furnish

SEEDS = range(40 if os.environ.get("FAULTS") == "full" else 2)
TRANSACTIONS, SECONDS, LONGEST_BEFORE_CANCEL = 500, 2.0, 0.03

pytestmark = pytest.mark.long


@pytest.mark.parametrize("seed", SEEDS)
async def test_nothing_is_left_of_a_cancelled_transaction(database_url: str, seed: int) -> None:
    random = Random(seed)
    async with DatabaseLine.to(database_url, seed) as line:
        engine = make_engine(line.url)
        transactions = await furnish(engine)
        line.share = 0.01

        async def request(number: int, of: int) -> None:
            new = NewSend(id=f"snd_{number}", job_id=str(number), requested_by="ann")
            key = BoundKey(f"key-{number % 50}", "hash", new.id)
            await transactions.request(f"ten_{of}", RequestedSends(slug=f"main-{of}", sends=[new], key=key))

        async def look(_: int, of: int) -> None:
            async with transactions._session(f"ten_{of}") as session:
                left = "SELECT (SELECT count(*) FROM sends), current_setting('app.tenant', true)"
                found = (await session.connection.execute(text(left))).one()
                assert (found[0], found[1] or "") == (0, ""), "left by the one before"
            async with transactions.begin(f"ten_{of}") as t:
                assert {send.tenant_id for send in await t.sends.page()} <= {f"ten_{of}"}

        async def change(_: int, of: int) -> None:
            query = FactsQuery(send_id="", job_id="1", connection_id=f"con_{of}")
            async with transactions.changing(f"ten_{of}", query) as (t, _found):
                await t.now()

        async def rest(_: int, of: int) -> None:
            await transactions.take(f"ten_{of}", f"con_{of}", tuple(Step))
            async with transactions.resting(f"ten_{of}", f"con_{of}", tuple(Step)) as (changes, _found):
                await changes.rest(f"con_{of}", tuple(Step))

        async def cancelled(number: int) -> None:
            works: tuple[Callable[[int, int], Awaitable[None]], ...] = (request, look, change, rest)
            work, of = random.choice(works), random.choice((1, 2))
            await asyncio.sleep(random.random() * SECONDS)
            task = asyncio.ensure_future(work(number, of))
            for _ in range(random.choice((0, 1, 1, 2))):
                await asyncio.sleep(random.random() ** 2 * LONGEST_BEFORE_CANCEL)
                task.cancel()
            with suppress(asyncio.CancelledError, TimeMends):
                await task

        async with asyncio.timeout(100):
            await asyncio.gather(*map(cancelled, range(TRANSACTIONS)))
            await asyncio.gather(*transactions._requests._serving)
        assert_no_place_is_lost(transactions)
        await engine.dispose()
