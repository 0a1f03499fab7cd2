"""The API over a real PostgreSQL under many callers at once: twins of a request, and a key that is revoked."""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from copy import copy
from dataclasses import replace

import aiohttp
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.bootstrap.web_app import make_app
from adapters.inbound.server.limits import LIMITS
from adapters.inbound.server.listener import ConnectionLimiter
from adapters.outbound.postgres.change_feed import PostgresChangeFeed
from adapters.outbound.postgres.transactions import PostgresTransactions
from adapters.outbound.vault.aes_gcm_vault import AesGcmVault
from adapters.sandbox.server import listening
from core.model.access.api_key import Scope
from core.model.access.caller import Caller
from core.services.access.api_keys import KeyRequest
from core.services.access.authenticate import Authenticate
from core.services.wiring import UseCases
from ports.change_feed import ChangeFeed
from tests.journeys.items import open_job
from tests.journeys.world import NORTH, World, open_world
from tests.support.dependencies import over

FULL = os.environ.get("FAULTS") == "full"
KEYS, TWINS, AT_ONCE = (1000 if FULL else 16), 32, 64
DIES_WITHIN = 3.0
"""Seconds: less than a key is remembered for, so it has been told."""
SENDS = "/v1/tenants/cardinal/sends"


async def ready() -> None:
    """Nobody asks here."""


@pytest.fixture
async def world(engine: AsyncEngine) -> AsyncIterator[World]:
    async with open_world(engine, deadline_seconds=20.0, plugins=[]) as world:
        yield world


async def serve(stack: AsyncExitStack, use_cases: UseCases, change_feed: ChangeFeed) -> str:
    limiter = ConnectionLimiter(replace(LIMITS, requests_per_minute=0))
    app = make_app(use_cases, change_feed, ready=ready, limiter=limiter)
    return await stack.enter_async_context(listening(app))


@pytest.mark.long
async def test_of_many_twins_of_a_request_one_becomes_a_send(world: World) -> None:
    key = (await world.use_cases.api_keys.create(KeyRequest(name="test"), Caller())).text
    job_id = open_job(world)
    batch = {"job_ids": [job_id], "connection": NORTH}
    single = {"job_id": job_id, "connection": NORTH}
    async with AsyncExitStack() as stack:
        url = await serve(stack, world.use_cases, world.change_feed)
        http = await stack.enter_async_context(aiohttp.ClientSession(headers={"Authorization": f"Bearer {key}"}))
        gate = asyncio.Semaphore(AT_ONCE)
        ids: dict[str, set[str]] = {}
        answers: Counter[int] = Counter()

        async def ask(name: str) -> None:
            path, body = (f"{SENDS}/batch", batch) if name.endswith("0") else (SENDS, single)
            async with gate, http.post(url + path, json=body, headers={"Idempotency-Key": name}) as answer:
                answers[answer.status] += 1
                ids.setdefault(name, set()).add((await answer.json())["id"])

        async with asyncio.TaskGroup() as all_at_once:
            for number in range(KEYS):
                for _ in range(TWINS):
                    all_at_once.create_task(ask(f"key-{number}"))
    assert answers == {202: KEYS * TWINS}
    assert {len(found) for found in ids.values()} == {1}
    stored = set()
    before: int | None = None
    while True:
        page = await world.use_cases.list_sends(world.tenant.id, limit=200, before=before)
        stored |= {send.id for send in page.sends}
        if (before := page.next_before) is None:
            break
    assert len(stored) == KEYS, "one send a key"


@pytest.mark.long
async def test_a_revoked_key_is_refused_by_every_process_within_seconds(
    world: World, engine: AsyncEngine, database_url: str
) -> None:
    request = KeyRequest(name="billing", tenant_id=world.tenant.id, scopes=frozenset({Scope.READ}))
    made = await world.use_cases.api_keys.create(request, Caller())
    async with AsyncExitStack() as stack:
        elsewhere = copy(world.use_cases)
        transactions = PostgresTransactions(engine, AesGcmVault(b"k" * 32))
        change_feed = await stack.enter_async_context(PostgresChangeFeed(database_url))
        d = replace(over(transactions), clock=world.clock, change_feed=change_feed)
        elsewhere.authenticate = Authenticate(d)
        urls = [await serve(stack, world.use_cases, world.change_feed), await serve(stack, elsewhere, change_feed)]
        http = await stack.enter_async_context(aiohttp.ClientSession(headers={"Authorization": f"Bearer {made.text}"}))

        async def status(url: str) -> int:
            async with http.get(f"{url}/v1/tenants/cardinal") as answer:
                return answer.status

        assert [await status(url) for url in urls] == [200, 200]
        await world.use_cases.api_keys.revoke(world.tenant.id, made.key.id, Caller())
        revoked = time.monotonic()
        for url in urls:
            while await status(url) == 200:
                assert time.monotonic() - revoked < DIES_WITHIN, "it still opens"
                await asyncio.sleep(0.05)
        assert [await status(url) for url in urls] == [401, 401]
