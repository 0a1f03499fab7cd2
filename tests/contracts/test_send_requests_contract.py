"""One suite, in memory and in PostgreSQL: requested sends are stored in one call, all or none."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from core.model.sending.new_send import NewSend
from core.model.sending.send import Send, SendState
from core.model.sending.send_filter import SendFilter
from core.model.shared.errors import NotFound
from core.model.work_orders.cost_line import ItemsMode
from ports.storage.send_requests import BoundKey, RequestedSends, Room, StoredRequest
from ports.storage.transactions import Transactions
from tests.support.storage_scene import a_send
from tests.support.storage_scene import stored as change

WAITING = (SendState.QUEUED, SendState.RETRYING)
NEW = NewSend(id="snd_new", job_id="7", requested_by="ann")
KEY = BoundKey("key", "hash", "snd_new")


async def request(transactions: Transactions, *sends: NewSend, tenant: str = "ten_1", **more: Any) -> StoredRequest:
    wanted = RequestedSends(**{"slug": f"main-{tenant[-1]}", "sends": sends or (NEW,), **more})
    return await transactions.request(tenant, wanted)


async def stored(transactions: Transactions) -> list[Send]:
    async with transactions.begin("ten_1") as t:
        return list(await t.sends.page())[::-1]


async def test_a_send_is_returned_as_it_is_stored(transactions: Transactions) -> None:
    everything = replace(
        NEW,
        adopt=True,
        expected_hash="a" * 64,
        items=ItemsMode.DIFFERENCE,
        completes=True,
        requested_by="Ren\u00e9e",
    )
    async with transactions.begin("ten_1") as t:
        connection = await t.connections.by_slug("main-1")
    answer = await request(transactions, everything)
    assert (answer.connection, answer.first, answer.waiting) == (connection, None, ())
    [send], [found] = answer.sends, await stored(transactions)
    assert send == found
    assert (found.state, found.version, found.due_at) == (SendState.QUEUED, 1, found.requested_at)
    assert (found.adopt, found.expected_hash, found.items, found.completes) == (True, "a" * 64, "difference", True)
    async with transactions.begin("ten_1") as t:
        due = await t.changes.next_due(found.connection_id, [found.step])
    assert due.send == found


async def test_a_batch_keeps_its_order_and_its_members(transactions: Transactions) -> None:
    sends = [NewSend(id=f"snd_{9 - n}", job_id=str(n), requested_by="ann", batch_id="bat_1") for n in range(5)]
    answer = await request(transactions, *sends)
    assert [send.id for send in answer.sends] == [send.id for send in sends]
    assert await stored(transactions) == answer.sends, "in the order of the request"
    async with transactions.begin("ten_1") as t:
        assert await t.sends.count_batch("bat_1") == {SendState.QUEUED: 5}
        assert len(await t.sends.page(SendFilter(batch_id="bat_1"))) == 5


async def test_a_key_that_is_bound_stores_nothing(transactions: Transactions) -> None:
    assert (await request(transactions, key=KEY)).first is None
    again = replace(NEW, id="snd_again", job_id="8")
    answer = await request(transactions, again, key=BoundKey("key", "other", "snd_again"))
    assert (answer.first, answer.sends) == (KEY, ())
    assert [send.id for send in await stored(transactions)] == ["snd_new"]
    theirs = await request(transactions, again, key=BoundKey("key", "other", "snd_again"), tenant="ten_2")
    assert theirs.first is None, "each tenant has keys of its own"


async def test_a_key_that_was_bound_in_this_transaction_is_ours(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        await t.sends.bind_key(KEY)
        answer = await t.requests.store(RequestedSends(slug="main-1", sends=[NEW], key=KEY))
    assert len(answer.sends) == 1


async def test_twins_with_one_key_give_one_send(transactions: Transactions) -> None:
    async def ask(number: int) -> StoredRequest:
        new = replace(NEW, id=f"snd_{number}", job_id=str(number))  # no job waits for another one
        return await request(transactions, new, key=BoundKey("key", "hash", new.id), look_for=WAITING)

    answers = await asyncio.gather(*(ask(number) for number in range(8)))
    [send] = await stored(transactions)
    assert [list(answer.sends) for answer in answers if answer.sends] == [[send]]
    assert {answer.first.bound_to for answer in answers if answer.first} == {send.id}


async def test_jobs_with_sends_that_are_looked_for_are_named_and_nothing_is_stored(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        await t.sends.add(a_send(1, state=SendState.RETRYING))
        await t.sends.add(a_send(2, state=SendState.SENT))
        await t.sends.add(a_send(3))
    before = await stored(transactions)
    sends = [replace(NEW, id=f"snd_new{job_id}", job_id=job_id) for job_id in ("1", "2", "3", "4")]
    answer = await request(transactions, *sends, key=KEY, look_for=WAITING)
    assert (sorted(answer.waiting), answer.sends) == (["1", "3"], ())
    assert await stored(transactions) == before
    async with transactions.begin("ten_1") as t:
        assert await t.sends.find_key("key") is None
    assert len((await request(transactions, *sends, key=KEY)).sends) == 4, "it was not looked"


async def test_an_unknown_connection_and_one_of_another_tenant_are_missing(transactions: Transactions) -> None:
    for slug in ("main-9", "main-2"):
        with pytest.raises(NotFound) as caught:
            await request(transactions, slug=slug, key=KEY)
        assert caught.value.code == "CONNECTION_NOT_FOUND"
    async with transactions.begin("ten_1") as t:
        assert await t.sends.find_key("key") is None


def sends_of(first: int, many: int) -> list[NewSend]:
    return [replace(NEW, id=f"snd_{job:03}", job_id=str(job)) for job in range(first, first + many)]


async def test_sends_are_stored_while_there_is_room_all_or_none(transactions: Transactions) -> None:
    room = Room(5, WAITING)
    async with transactions.begin("ten_1") as t:
        await t.sends.add(a_send(1, state=SendState.RETRYING))
        await t.sends.add(a_send(2, state=SendState.SENT))
        await t.sends.add(a_send(3, state=SendState.NEEDS_ATTENTION))
    assert len((await request(transactions, *sends_of(10, 2), room=room)).sends) == 2
    before = await stored(transactions)
    too_many = await request(transactions, *sends_of(20, 3), room=room, key=KEY)
    assert (too_many.full, too_many.sends) == (3, ())
    assert await stored(transactions) == before, "nothing of it"
    async with transactions.begin("ten_1") as t:
        assert await t.sends.find_key("key") is None, "it may be asked for again"
    assert len((await request(transactions, *sends_of(30, 2), room=room, key=KEY)).sends) == 2, "as many as may wait"
    assert (await request(transactions, *sends_of(40, 1), room=room)).full == 5
    repeated = await request(transactions, *sends_of(50, 1), room=room, key=replace(KEY, bound_to="snd_050"))
    assert repeated.first == KEY, "what was stored under the key is told also without room"
    assert (await request(transactions, *sends_of(60, 5), room=room, tenant="ten_2")).full is None, "each has its own"
    async with transactions.begin("ten_1") as t:
        await t.requests.take_turn()
        await change(t, replace(await t.sends.get("snd_010"), state=SendState.CANCELLED, due_at=None))
    assert (await request(transactions, *sends_of(70, 1), room=room)).full is None, "one has left"


async def test_the_room_is_filled_exactly_however_many_ask_at_the_same_time(transactions: Transactions) -> None:
    room = Room(20, WAITING)

    async def ask(number: int) -> StoredRequest:
        many = 1 + number % 3
        key = BoundKey(f"key-{number}", "hash", f"snd_{number * 10:03}") if number % 2 else None
        return await request(transactions, *sends_of(number * 10, many), room=room, key=key, look_for=WAITING)

    answers = await asyncio.gather(*(ask(number) for number in range(40)), ask(40), ask(41))
    found = await stored(transactions)
    assert len(found) == sum(len(answer.sends) for answer in answers) == 20
    assert all((answer.full is None) == bool(answer.sends) for answer in answers)


def test_two_callers_never_meet_in_one_key() -> None:
    callers = ("key:shop", "key:shop/a", "key:shop%2Fa", "key:shop%2fa", "ann@example.com")
    keys = {BoundKey.of(caller, key, "hash", "snd_1").key for caller in callers for key in ("b", "a/b", "a/a/b", "/b")}
    assert len(keys) == len(callers) * 4
