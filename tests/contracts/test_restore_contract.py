"""One suite for what a connection keeps for the case of a restored backup, in memory and in PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.model.catalogue import finding
from core.model.connections.connection import ItemsHold
from core.model.shared.errors import NotFound, SendChanged
from ports.storage.transactions import Transactions
from tests.support.storage_scene import NOW, a_line, a_send, begin_line, count_intent

HOLD = ItemsHold(finding("DATABASE_RESTORED", "3 lines are missing."), NOW, 7)


async def test_a_connection_has_no_intents_and_no_hold_at_first(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        connection = await t.connections.get("con_1")
    kept = (connection.intents, connection.last_intent_at, connection.items_hold, connection.restored_at)
    assert kept == (0, None, None, None)


async def test_intents_are_counted_one_by_one_and_only_if_they_are_committed(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        assert await count_intent(t) == 1
        assert await count_intent(t) == 2
        moment = await t.now()
    with pytest.raises(RuntimeError, match="away"):
        async with transactions.begin("ten_1") as t:
            assert await count_intent(t) == 3
            raise RuntimeError("away")
    async with transactions.begin("ten_1") as t:
        connection = await t.connections.get("con_1")
        assert (connection.intents, connection.last_intent_at) == (2, moment)
        assert await count_intent(t) == 3
    async with transactions.begin("ten_2") as t:
        assert (await t.connections.get("con_2")).intents == 0


async def test_intents_go_on_after_a_number_and_never_fall(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        await t.connections.raise_intents("con_1", 12)
        await t.connections.raise_intents("con_1", 5)
        assert await count_intent(t) == 13
        assert (await t.connections.get("con_1")).intents == 13


async def test_a_hold_of_items_comes_and_goes_beside_the_other_hold(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        await t.connections.set_items_hold("con_1", HOLD)
        await t.connections.set_restored("con_1", NOW + timedelta(hours=1))
        await t.connections.set_hold("con_1", None)
    async with transactions.begin("ten_1") as t:
        found = await t.connections.lock("con_1")
        assert (found.items_hold, found.hold, found.restored_at) == (HOLD, None, NOW + timedelta(hours=1))
        assert found.version == 1
        await t.connections.set_items_hold("con_1", None)
        assert (await t.connections.get("con_1")).items_hold is None


async def test_a_change_of_settings_leaves_them_alone(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        before = await t.connections.get("con_1")
        await t.connections.set_items_hold("con_1", HOLD)
        await t.connections.set_restored("con_1", NOW)
        await count_intent(t)
    async with transactions.begin("ten_1") as t:
        changed = await t.connections.change(replace(before, name="Other"), None)
        stored = await t.connections.get("con_1")
    for found in (changed, stored):
        assert (found.name, found.intents, found.items_hold, found.restored_at) == ("Other", 1, HOLD, NOW)
        assert found.last_intent_at


async def test_another_tenants_connection_is_not_there(transactions: Transactions) -> None:
    async with transactions.begin("ten_2") as t:
        for touch in (
            lambda: t.connections.raise_intents("con_1", 9),
            lambda: t.connections.set_items_hold("con_1", HOLD),
            lambda: t.connections.set_restored("con_1", NOW),
            lambda: t.connections.lock("con_1"),
        ):
            with pytest.raises(NotFound):
                await touch()
    async with transactions.begin("ten_1") as t:
        await t.sends.add(a_send())
        await t.ledger.save([a_line()])
    with pytest.raises(SendChanged):
        async with transactions.begin("ten_2") as t:
            await t.sends.add(a_send(2, tenant_id="ten_2", connection_id="con_2"))
            await begin_line(t, send_id="snd_2")
    for number in (1, 2):
        async with transactions.begin(f"ten_{number}") as t:
            assert (await t.connections.get(f"con_{number}")).intents == 0
