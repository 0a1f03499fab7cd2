"""One suite for what shows that a connection works: its last write and its last test, in memory and in PostgreSQL."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.model.connections.connection import Connection
from core.model.connections.connection_state import CodesMissing, ConnectionState, ConnectionTest
from core.model.shared.check_step import CheckState, CheckStep
from core.model.shared.errors import NotFound
from ports.storage.send_changes import FactsQuery, StoredChange
from ports.storage.transactions import Transactions
from tests.support.storage_scene import NOW, a_send

STEPS = (
    CheckStep("dns", CheckState.OK, "The name is known."),
    CheckStep("authorization", CheckState.FAILED, "Refused.", "AUTH_NOT_AUTHORIZED", ("Enter it again.", "Test it.")),
)
TEST = ConnectionTest(NOW, "ann@example.com", 1, STEPS)


async def found(transactions: Transactions) -> Connection:
    async with transactions.begin("ten_1") as t:
        return await t.connections.get("con_1")


async def proven(transactions: Transactions) -> Connection:
    """Spectrum accepted a write with the present settings."""
    async with transactions.begin("ten_1") as t:
        send = await t.sends.add(a_send(1))
    query = FactsQuery(send_id=send.id, job_id="1", connection_id="con_1")
    async with transactions.changing("ten_1", query) as (t, _):
        await t.changes.conclude(StoredChange(send=send, proves_target=True))
    return await found(transactions)


async def test_nothing_is_proven_or_tested_at_first(transactions: Transactions) -> None:
    connection = await found(transactions)
    assert (connection.last_write_at, connection.last_test, connection.target_version) == (None, None, 1)
    assert connection.state is ConnectionState.NOT_PROVEN


async def test_an_accepted_write_is_kept_and_is_no_change_of_settings(transactions: Transactions) -> None:
    before = await found(transactions)
    after = await proven(transactions)
    assert after.last_write_at is not None
    assert (after.state, after.version) == (ConnectionState.WORKING, before.version)


async def test_who_reads_the_facts_of_a_send_sees_the_last_write(transactions: Transactions) -> None:
    """Also where the row is known already and only what is counted comes again."""
    query = FactsQuery(send_id="snd_1", job_id="1", connection_id="con_1")
    async with transactions.begin("ten_1") as t:
        assert (await t.changes.facts(query)).connection.last_write_at is None
    after = await proven(transactions)
    async with transactions.begin("ten_1") as t:
        assert (await t.changes.facts(query)).connection.last_write_at == after.last_write_at


async def test_other_settings_keep_the_last_write_and_a_new_target_forgets_it(transactions: Transactions) -> None:
    before = await proven(transactions)
    async with transactions.begin("ten_1") as t:
        renamed = await t.connections.change(replace(before, name="Other", last_write_at=None), None)
        assert renamed.last_write_at == before.last_write_at
        moved = await t.connections.change(replace(renamed, target_version=2), None)
    assert (moved.last_write_at, moved.target_version) == (None, 2)
    assert (await found(transactions)).state is ConnectionState.NOT_PROVEN


async def test_the_last_test_stays_through_a_change_and_is_stale_then(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        await t.connections.set_tested("con_1", TEST)
        before = await t.connections.get("con_1")
        assert (before.last_test, before.test_is_stale, before.version) == (TEST, False, 1)
        await t.connections.change(replace(before, target_version=2, last_test=None), None)
    after = await found(transactions)
    assert (after.last_test, after.test_is_stale) == (TEST, True)


async def test_a_newer_test_replaces_an_older_one_but_not_the_test_of_newer_settings(
    transactions: Transactions,
) -> None:
    second, of_new_settings = replace(TEST, by="bob"), replace(TEST, by="cat", target_version=2)
    async with transactions.begin("ten_1") as t:
        for test, kept in ((TEST, TEST), (second, second), (of_new_settings, of_new_settings), (TEST, of_new_settings)):
            await t.connections.set_tested("con_1", test)
            assert (await t.connections.get("con_1")).last_test == kept


async def test_a_test_of_a_connection_that_is_not_there_is_not_stored(transactions: Transactions) -> None:
    for tenant, connection in (("ten_1", "con_9"), ("ten_2", "con_1")):
        async with transactions.begin(tenant) as t:
            with pytest.raises(NotFound):
                await t.connections.set_tested(connection, TEST)


async def test_what_no_database_stores_as_it_is_stops_no_test(transactions: Transactions) -> None:
    """Spectrum's words stand in a step."""
    async with transactions.begin("ten_1") as t:
        odd = CheckStep("read", CheckState.OK, "a\x00\ud800b")
        await t.connections.set_tested("con_1", replace(TEST, steps=(odd,)))
        assert (await t.connections.get("con_1")).last_test is not None


async def test_how_many_codes_were_missing_stays_through_a_change(transactions: Transactions) -> None:
    counted = CodesMissing(NOW, 3, 9)
    async with transactions.begin("ten_1") as t:
        assert (await t.connections.get("con_1")).codes_missing is None
        await t.connections.set_codes_missing("con_1", counted)
        before = await t.connections.get("con_1")
        changed = await t.connections.change(replace(before, name="Other", codes_missing=None), None)
    assert (before.codes_missing, changed.codes_missing, before.version) == (counted, counted, 1)
    for tenant, connection in (("ten_1", "con_9"), ("ten_2", "con_1")):
        async with transactions.begin(tenant) as t:
            with pytest.raises(NotFound):
                await t.connections.set_codes_missing(connection, counted)


async def test_a_sign_in_and_hidden_first_steps_stay_through_a_change_of_the_tenant(transactions: Transactions) -> None:
    async with transactions.begin_instance() as i:
        before = next(one for one in await i.tenants.all() if one.id == "ten_1")
        assert (before.signed_in_at, before.first_steps_hidden) == (None, False)
        await i.tenants.set_signed_in("ten_1", NOW)
        await i.tenants.set_first_steps_hidden("ten_1", True)
        await i.tenants.change(replace(before, name="Other"), None)
        await i.tenants.set_signed_in("ten_9", NOW)  # a tenant that is gone
        await i.tenants.set_first_steps_hidden("ten_9", True)
    async with transactions.begin("ten_1") as t:
        found = await t.tenant()
        assert (found.name, found.signed_in_at, found.first_steps_hidden) == ("Other", NOW, True)
    async with transactions.begin_instance() as i:
        await i.tenants.set_signed_in("ten_1", None)
    async with transactions.begin("ten_1") as t:
        assert (await t.tenant()).signed_in_at is None
