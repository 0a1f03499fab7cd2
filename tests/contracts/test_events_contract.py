"""One suite, in memory and in PostgreSQL, for webhook endpoints, events and their deliveries."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from core.model.shared.errors import NotFound
from core.model.shared.secret import Secret
from core.model.webhooks.event import DeliveriesAgain, DeliveryState, EventType, delivery_of, trial_event
from core.model.webhooks.webhook_endpoint import SigningSecrets
from ports.storage.transactions import Transactions
from tests.support.storage_scene import NOW, an_endpoint, an_event

LATER = NOW + timedelta(minutes=1)
FIRST, SECOND = Secret("whsec_Zmlyc3Q="), Secret("whsec_c2Vjb25k")


@pytest.fixture
async def transactions(transactions: Transactions) -> Transactions:
    """ten_1 has an endpoint for everything, whe_1."""
    async with transactions.begin("ten_1") as t:
        await t.webhook_endpoints.add(an_endpoint(), FIRST)
    return transactions


async def test_an_endpoint_comes_back_as_it_was_stored_and_changed(transactions: Transactions) -> None:
    changed = an_endpoint(
        url="https://other.example.com/x?a=1",
        events=(EventType.SEND_FAILED, EventType.CONNECTION_HELD),
        description="Dispatch \u00e9",
        paused=True,
        paused_reason="It answered 410.",
        failing_since=LATER,
    )
    async with transactions.begin("ten_1") as t:
        assert await t.webhook_endpoints.get("whe_1") == an_endpoint()
        await t.webhook_endpoints.add(an_endpoint(2), SECOND)
        await t.webhook_endpoints.get("whe_1", lock=True)
        await t.webhook_endpoints.save(changed)
    async with transactions.begin("ten_1") as t:
        assert await t.webhook_endpoints.all() == [changed, an_endpoint(2)]
        assert await t.webhook_endpoints.secrets("whe_1") == SigningSecrets(FIRST)


async def test_rotation_keeps_one_former_secret(transactions: Transactions) -> None:
    third = Secret("whsec_dGhpcmQ=")
    async with transactions.begin("ten_1") as t:
        await t.webhook_endpoints.rotate("whe_1", SECOND, NOW)
        assert await t.webhook_endpoints.secrets("whe_1") == SigningSecrets(SECOND, FIRST, NOW)
        await t.webhook_endpoints.rotate("whe_1", third, LATER)
        assert await t.webhook_endpoints.secrets("whe_1") == SigningSecrets(third, SECOND, LATER)


async def test_another_tenants_endpoint_is_not_there(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        await t.webhook_endpoints.add_event(an_event())
    async with transactions.begin("ten_2") as t:
        assert await t.webhook_endpoints.all() == []
        assert not await t.webhook_endpoints.wanted(EventType.SEND_FAILED)
        await t.webhook_endpoints.add_event(an_event(2))
        assert await t.webhook_endpoints.deliveries("whe_1") == []
        assert await t.webhook_endpoints.next_delivery("whe_1", LATER) is None
        assert await t.webhook_endpoints.next_try("whe_1") is None
        await t.webhook_endpoints.set_due("whe_1", None)
        for ask in (t.webhook_endpoints.get, t.webhook_endpoints.remove, t.webhook_endpoints.secrets):
            with pytest.raises(NotFound) as caught:
                await ask("whe_1")
            assert caught.value.code == "WEBHOOK_ENDPOINT_NOT_FOUND"
        with pytest.raises(NotFound):
            await t.webhook_endpoints.rotate("whe_1", SECOND, NOW)
    async with transactions.begin("ten_1") as t:
        [kept] = await t.webhook_endpoints.deliveries("whe_1")
    async with transactions.begin("ten_2") as t:
        assert not await t.webhook_endpoints.save_delivery(replace(kept, tries=7), tries=0)
    async with transactions.begin("ten_1") as t:
        assert await t.webhook_endpoints.deliveries("whe_1") == [kept]


async def test_an_event_goes_to_every_endpoint_that_asked_for_it_paused_or_not(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        await t.webhook_endpoints.add(an_endpoint(2, events=(EventType.SEND_SUCCEEDED,)), SECOND)
        await t.webhook_endpoints.add(an_endpoint(3, events=(EventType.SEND_FAILED,), paused=True), SECOND)
        await t.webhook_endpoints.add_event(an_event())
        shown = {number: await t.webhook_endpoints.deliveries(f"whe_{number}") for number in (1, 2, 3)}
    assert [len(found) for found in shown.values()] == [1, 0, 1]
    [one] = shown[1]
    assert (one.event_id, one.type, one.body) == ("evt_1", EventType.SEND_FAILED, '{"number":1}')
    assert (one.state, one.tries, one.due_at, one.created_at) == (DeliveryState.PENDING, 0, NOW, NOW)


async def test_only_what_somebody_asked_for_is_wanted(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        assert await t.webhook_endpoints.wanted(EventType.SEND_SUCCEEDED)
        await t.webhook_endpoints.save(an_endpoint(events=(EventType.SEND_FAILED,)))
        assert not await t.webhook_endpoints.wanted(EventType.SEND_SUCCEEDED)
        assert await t.webhook_endpoints.wanted(EventType.SEND_FAILED)
        await t.webhook_endpoints.remove("whe_1")
        assert not await t.webhook_endpoints.wanted(EventType.SEND_FAILED)


async def test_an_event_goes_with_its_transaction(transactions: Transactions) -> None:
    with pytest.raises(ZeroDivisionError):
        async with transactions.begin("ten_1") as t:
            await t.webhook_endpoints.add_event(an_event())
            raise ZeroDivisionError
    async with transactions.begin("ten_1") as t:
        assert await t.webhook_endpoints.deliveries("whe_1") == []


async def test_deliveries_come_in_the_order_they_are_due(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        for number in (1, 2, 3):
            await t.webhook_endpoints.add_event(an_event(number, at=LATER if number == 1 else NOW))
        assert await t.webhook_endpoints.next_try("whe_1") == NOW
        order = []
        while found := await t.webhook_endpoints.next_delivery("whe_1", LATER):
            order.append(found.event_id)
            assert await t.webhook_endpoints.save_delivery(replace(found, tries=1, due_at=None), tries=0)
        assert order == ["evt_2", "evt_3", "evt_1"]
        assert await t.webhook_endpoints.next_try("whe_1") is None


async def test_nothing_is_due_before_its_time(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        await t.webhook_endpoints.add_event(an_event(at=LATER))
        assert await t.webhook_endpoints.next_delivery("whe_1", LATER - timedelta(microseconds=1)) is None


async def test_what_came_of_a_try_is_stored_once(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        await t.webhook_endpoints.add_event(an_event())
        found = await t.webhook_endpoints.next_delivery("whe_1", NOW)
        assert found
        tried = replace(
            found, state=DeliveryState.FAILED, tries=1, due_at=LATER, last_try_at=NOW, status=500, detail="HTTP 500"
        )
        assert await t.webhook_endpoints.save_delivery(tried, tries=0)
        assert not await t.webhook_endpoints.save_delivery(replace(tried, status=200), tries=0), (
            "another worker was there first"
        )
        assert await t.webhook_endpoints.deliveries("whe_1") == [tried]


async def test_a_page_is_newest_first_and_goes_on(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        for number in range(5):
            await t.webhook_endpoints.add_event(an_event(number))
        first = await t.webhook_endpoints.deliveries("whe_1", limit=2)
        rest = await t.webhook_endpoints.deliveries("whe_1", before=first[-1].seq)
    assert [one.event_id for one in (*first, *rest)] == [f"evt_{number}" for number in (4, 3, 2, 1, 0)]


async def test_a_removed_endpoint_takes_its_deliveries_along(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        await t.webhook_endpoints.add_event(an_event())
        await t.webhook_endpoints.remove("whe_1")
        assert await t.webhook_endpoints.all() == []
        assert await t.webhook_endpoints.deliveries("whe_1") == []
        await t.webhook_endpoints.wake("whe_1", NOW)
        with pytest.raises(NotFound):
            await t.webhook_endpoints.remove("whe_1")


async def _tried(transactions: Transactions, number: int, state: DeliveryState, at: datetime = NOW) -> None:
    """An event whose delivery ended, after one try."""
    async with transactions.begin("ten_1") as t:
        await t.webhook_endpoints.add_event(an_event(number, at=at))
        found = await t.webhook_endpoints.find_delivery("whe_1", f"evt_{number}")
        assert found
        ended = replace(found, state=state, tries=1, due_at=None, last_try_at=at, status=500, detail="HTTP 500")
        assert await t.webhook_endpoints.save_delivery(ended, tries=0)


async def test_chosen_deliveries_are_due_again_from_the_beginning(transactions: Transactions) -> None:
    await _tried(transactions, 1, DeliveryState.DELIVERED)
    await _tried(transactions, 2, DeliveryState.FAILED)
    await _tried(transactions, 3, DeliveryState.FAILED, at=LATER)
    until_later, since_later = DeliveriesAgain(since=NOW, until=LATER), DeliveriesAgain(since=LATER)
    for chosen, count in (
        (DeliveriesAgain(since=LATER + timedelta(microseconds=1)), 0),
        (DeliveriesAgain(event_id="evt_none"), 0),
        (replace(until_later, only_failed=True), 1),
        (until_later, 1),
        (since_later, 1),
        (DeliveriesAgain(event_id="evt_1"), 0),
    ):
        async with transactions.begin("ten_1") as t:
            assert await t.webhook_endpoints.redeliver("whe_1", chosen, LATER) == count, chosen
    async with transactions.begin("ten_1") as t:
        shown = await t.webhook_endpoints.deliveries("whe_1")
        assert {(one.state, one.tries, one.due_at, one.redelivered_at) for one in shown} == {
            (DeliveryState.PENDING, 0, LATER, LATER)
        }
        first = await t.webhook_endpoints.next_delivery("whe_1", LATER)
    assert first
    assert first.event_id == "evt_1", "in the order in which they were made"


async def test_what_is_not_tried_yet_and_test_events_are_not_made_again(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        await t.webhook_endpoints.add_event(an_event())
        trial = delivery_of(trial_event("evt_trial", NOW, "whe_1"), "whe_1")
        await t.webhook_endpoints.add_delivery(replace(trial, state=DeliveryState.DELIVERED, tries=1, due_at=None))
        for chosen in (DeliveriesAgain(since=NOW), DeliveriesAgain(event_id="evt_trial")):
            assert await t.webhook_endpoints.redeliver("whe_1", chosen, LATER) == 0


async def test_the_result_of_a_try_from_before_the_question_is_not_stored(transactions: Transactions) -> None:
    """Also where the number of tries says nothing: the first try after a question, and another question beside it."""
    await _tried(transactions, 1, DeliveryState.FAILED)
    async with transactions.begin("ten_1") as t:
        await t.webhook_endpoints.redeliver("whe_1", DeliveriesAgain(event_id="evt_1"), NOW)
        under_way = await t.webhook_endpoints.next_delivery("whe_1", NOW)
        assert under_way
        ended = replace(under_way, state=DeliveryState.FAILED, tries=1, due_at=None)
        assert await t.webhook_endpoints.save_delivery(ended, tries=0)
        assert await t.webhook_endpoints.redeliver("whe_1", DeliveriesAgain(event_id="evt_1"), LATER) == 1
        assert not await t.webhook_endpoints.save_delivery(ended, tries=0)
        stored = await t.webhook_endpoints.find_delivery("whe_1", "evt_1")
    assert stored
    assert (stored.state, stored.due_at) == (DeliveryState.PENDING, LATER)


async def test_another_tenant_makes_nothing_of_it_again(transactions: Transactions) -> None:
    await _tried(transactions, 1, DeliveryState.FAILED)
    async with transactions.begin("ten_2") as t:
        assert await t.webhook_endpoints.redeliver("whe_1", DeliveriesAgain(since=NOW), LATER) == 0
        assert await t.webhook_endpoints.find_delivery("whe_1", "evt_1") is None


async def test_a_delivery_that_was_put_off_in_the_future_is_pulled_forward(transactions: Transactions) -> None:
    """The clock was set back since. A long pause that began in the past is waited for."""
    pause, later = timedelta(hours=5), NOW + timedelta(hours=2)
    pauses = delivery_of(an_event(), "whe_1")
    async with transactions.begin("ten_1") as t:
        for number in (1, 2, 3):
            await t.webhook_endpoints.add_event(an_event(number))
        await t.webhook_endpoints.save_delivery(replace(pauses, tries=3, last_try_at=NOW, due_at=NOW + pause), tries=0)
        again = replace(pauses, event_id="evt_2", tries=3, last_try_at=later, due_at=later + pause)
        await t.webhook_endpoints.save_delivery(again, tries=0)
        new = replace(pauses, event_id="evt_3", created_at=later, due_at=later)
        await t.webhook_endpoints.save_delivery(new, tries=0)
    async with transactions.begin("ten_2") as t:
        assert await t.webhook_endpoints.pull_forward("whe_1", LATER, NOW) == 0
    async with transactions.begin("ten_1") as t:
        assert await t.webhook_endpoints.pull_forward("whe_1", LATER, NOW) == 2
        due = {one.event_id: one.due_at for one in await t.webhook_endpoints.deliveries("whe_1")}
        assert due == {"evt_1": NOW + pause, "evt_2": NOW, "evt_3": NOW}
