"""One suite for the change feed in memory and in PostgreSQL: what is told of, when, and to whom."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.outbound.memory.transactions import MemoryTransactions
from adapters.outbound.postgres.change_feed import PostgresChangeFeed
from core.model.access.api_key import ApiKey, Scope
from core.model.access.person import Session
from core.model.sending.send import Send, SendState
from core.model.shared.errors import NotFound
from ports.change_feed import KEYS, ChangeFeed, Subscription, key_topic, person_topic, send_topic, tenant_topic
from ports.storage.transactions import Transactions
from tests.support.storage_scene import NOW, a_line, a_person, a_send, stored

SOON, NOT = 10.0, 0.1
"""Seconds until a change is heard on the slowest machine, and after which none is heard any more."""
KEY = ApiKey(
    id="key_1",
    prefix="jf_abcdefgh",
    name="billing",
    tenant_id="ten_1",
    scopes=frozenset({Scope.READ}),
    created_at=NOW,
    created_by="operator:init",
)


@pytest.fixture
async def feed(transactions: Transactions, request: pytest.FixtureRequest) -> AsyncIterator[ChangeFeed]:
    if isinstance(transactions, MemoryTransactions):
        yield transactions.change_feed
        return
    async with PostgresChangeFeed(request.getfixturevalue("database_url")) as feed:
        with feed.subscribe("any") as first:
            assert await first.next(SOON)
            while not feed.listening:
                await first.next(SOON)
        yield feed


@pytest.fixture
async def send(transactions: Transactions) -> Send:
    async with transactions.begin("ten_1") as t:
        return await t.sends.add(a_send())


async def test_a_watched_send_is_told_of_once_its_change_is_committed(
    transactions: Transactions, feed: ChangeFeed, send: Send
) -> None:
    with feed.subscribe(send_topic(send.id)) as changes, feed.subscribe(send_topic("snd_other")) as others:
        async with transactions.begin("ten_1") as t:
            await t.sends.watch(send.id, 60)
            assert await t.sends.get(send.id) == send, "watching changes nothing"
        async with transactions.begin("ten_1") as t:
            await stored(t, replace(send, state=SendState.SENDING))
            assert not await changes.next(NOT), "not committed yet"
        assert await changes.next(SOON)
        assert not await changes.next(NOT), "one change wakes once"
        assert (changes.count, others.count) == (1, 0)


async def test_a_change_between_the_look_and_the_wait_is_not_lost(
    transactions: Transactions, feed: ChangeFeed, send: Send
) -> None:
    with feed.subscribe(send_topic(send.id)) as changes:
        async with transactions.begin("ten_1") as t:
            await t.sends.watch(send.id, 60)
            seen = await t.sends.get(send.id)
        async with transactions.begin("ten_1") as t:
            await stored(t, replace(seen, state=SendState.SENDING))
        assert await changes.next(SOON)


async def test_a_line_of_a_watched_send_is_told_of(transactions: Transactions, feed: ChangeFeed, send: Send) -> None:
    with feed.subscribe(send_topic(send.id)) as changes:
        async with transactions.begin("ten_1") as t:
            await t.sends.watch(send.id, 60)
        async with transactions.begin("ten_1") as t:
            await t.ledger.save([a_line(send_id=send.id)])
        assert await changes.next(SOON)


async def test_what_is_rolled_back_is_not_told(transactions: Transactions, feed: ChangeFeed, send: Send) -> None:
    with feed.subscribe(send_topic(send.id)) as changes:
        async with transactions.begin("ten_1") as t:
            await t.sends.watch(send.id, 60)
        with pytest.raises(LookupError):
            async with transactions.begin("ten_1") as t:
                await stored(t, replace(send, state=SendState.SENDING))
                raise LookupError
        assert not await changes.next(NOT)


async def test_a_send_of_another_tenant_cannot_be_watched(transactions: Transactions, send: Send) -> None:
    async with transactions.begin("ten_2") as t:
        with pytest.raises(NotFound):
            await t.sends.watch(send.id, 60)


async def test_the_end_of_a_key_is_told_and_its_use_is_not(transactions: Transactions, feed: ChangeFeed) -> None:
    async with transactions.begin("ten_1") as t:
        await t.keys.add(KEY, b"one")
    with feed.subscribe(key_topic(KEY.id)) as own, feed.subscribe(KEYS) as all_keys:
        async with transactions.begin("ten_1") as t:
            await t.keys.end(KEY.id, expires_at=NOW + timedelta(hours=1))
        assert await own.next(SOON)
        assert await all_keys.next(SOON)
        async with transactions.begin("ten_1") as t:
            await t.keys.end(KEY.id, revoked_at=NOW)
        assert await own.next(SOON)
        async with transactions.begin_instance() as i:
            await i.credentials.key_used(KEY.id, NOW)
        assert not await own.next(NOT)


async def test_a_change_and_the_end_of_a_tenant_are_told(transactions: Transactions, feed: ChangeFeed) -> None:
    async with transactions.begin("ten_1") as t:
        await t.keys.add(KEY, b"one")
        await t.connections.remove("con_1")
        tenant = await t.tenant()
    with feed.subscribe(tenant_topic("ten_1")) as changes, feed.subscribe(key_topic(KEY.id)) as key:
        async with transactions.begin_instance() as i:
            await i.tenants.change(replace(tenant, name="Renamed"), None)
        assert await changes.next(SOON)
        async with transactions.begin_instance() as i:
            await i.tenants.remove("ten_1")
        assert await changes.next(SOON)
        assert await key.next(SOON)


async def test_the_end_of_a_session_is_told_its_person(transactions: Transactions, feed: ChangeFeed) -> None:
    person = a_person()
    session = Session(digest=b"s", person_id=person.id, tenant_id="ten_1", created_at=NOW, seen_at=NOW)
    async with transactions.begin("ten_1") as t:
        await t.people.add(person)
    async with transactions.begin_instance() as i:
        await i.credentials.begin_session(session)
    with feed.subscribe(person_topic(person.id)) as changes:
        async with transactions.begin_instance() as i:
            await i.credentials.session_seen(session.digest, NOW + timedelta(minutes=6))
        assert not await changes.next(NOT)
        async with transactions.begin_instance() as i:
            await i.credentials.end_session(session.digest)
        assert await changes.next(SOON)


async def test_at_the_end_everybody_is_let_go_and_nobody_waits_any_more(feed: ChangeFeed) -> None:
    with feed.subscribe(send_topic("snd_1")) as changes:
        waiting = asyncio.create_task(changes.next(SOON * 10))
        await asyncio.sleep(0)
        feed.end()
        async with asyncio.timeout(SOON):
            await waiting
            await changes.next(SOON * 10)
        assert changes.ended


async def test_who_has_left_hears_nothing(transactions: Transactions, feed: ChangeFeed, send: Send) -> None:
    with feed.subscribe(send_topic(send.id)) as changes:
        stays: Subscription = feed.subscribe(send_topic(send.id))
    async with transactions.begin("ten_1") as t:
        await t.sends.watch(send.id, 60)
    async with transactions.begin("ten_1") as t:
        await stored(t, replace(send, state=SendState.SENDING))
    assert await stays.next(SOON)
    stays.close()
    assert changes.count == 0
