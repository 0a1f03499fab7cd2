"""One suite for people, sessions and links in memory and in PostgreSQL."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from core.model.access.person import IDLE, LONGEST_SESSION, Role, Session, SignInLink
from core.model.shared.errors import Conflict, NotFound
from ports.storage.transactions import Transactions
from tests.support.storage_scene import NOW, a_person

ANN, BOB = a_person(1), a_person(2, email="bob@example.com", role=Role.VIEWER)
OPERATOR = a_person(3, tenant_id=None, email="ann1@example.com", role=Role.OPERATOR)
ELSEWHERE = a_person(4, tenant_id="ten_2")
SESSION = Session(digest=b"one", person_id="per_1", tenant_id="ten_1", created_at=NOW, seen_at=NOW)
LINK = SignInLink(
    digest=b"link", person_id="per_1", tenant_id="ten_1", page="/t/x", expires_at=NOW + timedelta(minutes=10)
)


async def add_all(transactions: Transactions) -> None:
    for tenant_id, people in (("ten_1", (BOB, ANN)), ("ten_2", (ELSEWHERE,))):
        async with transactions.begin(tenant_id) as t:
            for person in people:
                await t.people.add(person)
    async with transactions.begin_instance() as i:
        await i.people.add(OPERATOR)


async def test_a_tenant_sees_its_own_people_only(transactions: Transactions) -> None:
    await add_all(transactions)
    async with transactions.begin("ten_1") as t:
        assert await t.people.page(limit=50) == [ANN, BOB]
        assert await t.people.page(limit=1) == [ANN]
        assert await t.people.page(limit=1, after=ANN.email) == [BOB]
        assert await t.people.page(limit=1, after=BOB.email) == []
        assert await t.people.get(BOB.id) == BOB
        assert await t.people.by_email("bob@example.com") == BOB
        for stranger in (OPERATOR, ELSEWHERE):
            with pytest.raises(NotFound):
                await t.people.get(stranger.id)
            with pytest.raises(NotFound):
                await t.people.change(stranger.id, role=Role.VIEWER)
            with pytest.raises(NotFound):
                await t.people.remove(stranger.id)
    async with transactions.begin("ten_2") as t:
        with pytest.raises(NotFound):
            await t.people.by_email("bob@example.com")
    async with transactions.begin_instance() as i:
        assert await i.people.page(limit=50) == [OPERATOR]


async def test_an_address_stands_once_in_a_tenant(transactions: Transactions) -> None:
    await add_all(transactions)
    with pytest.raises(Conflict):
        async with transactions.begin("ten_1") as t:
            await t.people.add(replace(ANN, id="per_9"))
    with pytest.raises(Conflict):
        async with transactions.begin_instance() as i:
            await i.people.add(replace(OPERATOR, id="per_9"))


async def test_a_password_or_another_role_ends_the_sessions_and_links(transactions: Transactions) -> None:
    await add_all(transactions)
    for change in ({"password_hash": "hash"}, {"role": Role.VIEWER}):
        async with transactions.begin_instance() as i:
            await i.credentials.begin_session(SESSION)
            await i.credentials.keep_link(LINK)
            await i.credentials.keep_link(replace(LINK, digest=b"bobs", person_id=BOB.id))
            found = await i.credentials.session(b"one")
            assert found is not None
            assert (found[0], found[1].id) == (SESSION, "per_1")
        async with transactions.begin("ten_1") as t:
            await t.people.change("per_1", **change)
        async with transactions.begin_instance() as i:
            assert await i.credentials.session(b"one") is None
            assert await i.credentials.use_link(b"link", NOW) is None
            assert await i.credentials.use_link(b"bobs", NOW) is not None
    async with transactions.begin("ten_1") as t:
        assert await t.people.by_email(ANN.email) == replace(ANN, role=Role.VIEWER, has_password=True)


async def test_everybody_with_an_address_is_found_with_and_without_a_password(transactions: Transactions) -> None:
    await add_all(transactions)
    async with transactions.begin_instance() as i:
        assert await i.credentials.people_with(ANN.email) == [(ANN, None), (OPERATOR, None)]
        await i.people.change("per_3", password_hash="operators")
        assert await i.credentials.people_with(ANN.email) == [
            (ANN, None),
            (replace(OPERATOR, has_password=True), "operators"),
        ]
    async with transactions.begin("ten_1") as t:
        await t.people.change("per_1", password_hash="anns")
    async with transactions.begin_instance() as i:
        found = {person.id: hashed for person, hashed in await i.credentials.people_with(ANN.email)}
        assert found == {"per_1": "anns", "per_3": "operators"}
        await i.credentials.rehash("per_1", "of a former password", "worse")
        await i.credentials.rehash("per_1", "anns", "better")
        assert ("per_1", "better") in {(person.id, one) for person, one in await i.credentials.people_with(ANN.email)}


async def test_a_session_is_seen_and_ends(transactions: Transactions) -> None:
    await add_all(transactions)
    later = NOW + timedelta(hours=1)
    async with transactions.begin_instance() as i:
        await i.credentials.begin_session(SESSION)
        await i.credentials.session_seen(b"one", later)
        found = await i.credentials.session(b"one")
        assert found is not None
        assert found[0].seen_at == later
        assert await i.credentials.end_session(b"one")
        assert not await i.credentials.end_session(b"one")
        assert await i.credentials.session(b"one") is None


async def test_a_link_works_once_and_in_time(transactions: Transactions) -> None:
    await add_all(transactions)
    async with transactions.begin_instance() as i:
        await i.credentials.keep_link(LINK)
        await i.credentials.keep_link(replace(LINK, digest=b"old", expires_at=NOW))
        assert await i.credentials.use_link(b"old", NOW) is None
        await i.credentials.keep_link(replace(LINK, digest=b"older", expires_at=NOW - timedelta(seconds=1)))
        assert await i.credentials.use_link(b"older", NOW) is None
        assert await i.credentials.use_link(b"none", NOW) is None

    async def use() -> bool:
        async with transactions.begin_instance() as i:
            found = await i.credentials.use_link(b"link", NOW)
        return found is not None and (found[0], found[1]) == (LINK, ANN)

    assert sorted(await asyncio.gather(*(use() for _ in range(5)))) == [False] * 4 + [True]


async def test_what_has_ended_is_tidied_away(transactions: Transactions) -> None:
    await add_all(transactions)
    async with transactions.begin_instance() as i:
        await i.credentials.begin_session(SESSION)
        await i.credentials.begin_session(replace(SESSION, digest=b"idle", seen_at=NOW - IDLE))
        await i.credentials.begin_session(replace(SESSION, digest=b"long", created_at=NOW - LONGEST_SESSION))
        await i.credentials.keep_link(LINK)
        await i.credentials.tidy(NOW)
        there = [digest for digest in (b"one", b"idle", b"long") if await i.credentials.session(digest)]
        assert there == [b"one"]
        await i.credentials.tidy(LINK.expires_at)
        assert await i.credentials.use_link(b"link", NOW) is None


async def test_sessions_and_links_go_with_the_person_and_people_with_the_tenant(transactions: Transactions) -> None:
    await add_all(transactions)
    async with transactions.begin_instance() as i:
        await i.credentials.begin_session(SESSION)
        await i.credentials.keep_link(LINK)
    async with transactions.begin("ten_1") as t:
        await t.people.remove("per_1")
    async with transactions.begin_instance() as i:
        assert await i.credentials.session(b"one") is None
        assert await i.credentials.use_link(b"link", NOW) is None
    async with transactions.begin("ten_1") as t:
        await t.connections.remove("con_1")
    async with transactions.begin_instance() as i:
        await i.tenants.remove("ten_1")
        assert await i.credentials.people_with("bob@example.com") == []
        assert await i.people.page(limit=50) == [OPERATOR]
