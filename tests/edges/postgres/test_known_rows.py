"""A worker names the rows that it has: an unchanged one does not come again, and a changed one is always seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.outbound.postgres.transactions import PostgresTransactions
from core.model.connections.connection import ConnectionSecrets
from core.model.sending.send import SendState, Step
from core.model.shared.secret import Secret
from core.model.tenants.tenant import PasswordLogin
from core.model.work_orders.cost_line import LineState
from ports.storage.send_changes import DueSend, FactsQuery, StoredChange, StoredFacts
from tests.support.storage_scene import a_line, a_send, furnish, transactions_on

EVERY_STEP = tuple(Step)
FACTS = FactsQuery(
    send_id="snd_1", job_id="1", connection_id="con_1", number="T1", own_lines=True, unclear=True, read_send=True
)


@pytest.fixture
async def worker(engine: AsyncEngine) -> PostgresTransactions:
    """It has read everything once."""
    transactions = await furnish(engine)
    async with transactions.begin("ten_1") as t:
        send = await t.sends.add(a_send())
        lines = a_line(1), a_line(2, state=LineState.SENDING, attempt_id="att_2")
        await t.changes.store(StoredChange(send=send, lines=lines))
    await facts(transactions)
    await due(transactions)
    return transactions


@pytest.fixture
def others(engine: AsyncEngine, worker: PostgresTransactions) -> PostgresTransactions:
    """Another process, which changes something."""
    return transactions_on(engine)


async def facts(transactions: PostgresTransactions) -> StoredFacts:
    async with transactions.changing("ten_1", FACTS) as (_, found):
        return found


async def due(transactions: PostgresTransactions) -> DueSend:
    async with transactions.begin("ten_1") as t:
        return await t.changes.next_due("con_1", EVERY_STEP)


async def test_an_unchanged_row_is_not_made_again(worker: PostgresTransactions) -> None:
    first, again = await facts(worker), await facts(worker)
    assert first.connection is again.connection
    assert len(first.lines) == 2
    assert all(old is new for old, new in zip(first.lines, again.lines, strict=True))
    assert again.unclear[0] is first.lines[1]
    before, after = await due(worker), await due(worker)
    assert (before.tenant, before.account, before.secrets) == (after.tenant, after.account, after.secrets)
    assert before.secrets is after.secrets


async def test_a_changed_line_is_seen(worker: PostgresTransactions, others: PostgresTransactions) -> None:
    async with others.begin("ten_1") as t:
        settled = a_line(1, state=LineState.NOT_POSTED, settled_reason="I looked.")
        await t.changes.store(StoredChange(send=await t.sends.get("snd_1"), lines=(settled,)))
    found = await facts(worker)
    assert [line.state for line in found.lines] == [LineState.NOT_POSTED, LineState.SENDING]
    assert found.lines[0].settled_reason == "I looked."


async def test_a_line_whose_column_was_changed_by_hand_is_seen(worker: PostgresTransactions, database_url: str) -> None:
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        await connection.execute("""UPDATE cost_lines SET fields = fields || '{"Quantity_Used": "13"}'""")
    assert {line.fields["Quantity_Used"] for line in (await facts(worker)).lines} == {"13"}


async def test_a_removed_line_is_gone(worker: PostgresTransactions, database_url: str) -> None:
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        await connection.execute("DELETE FROM cost_lines WHERE id = 'lin_1'")
    assert [line.id for line in (await facts(worker)).lines] == ["lin_2"]


async def test_a_changed_connection_is_seen(worker: PostgresTransactions, others: PostgresTransactions) -> None:
    async with others.begin("ten_1") as t:
        connection = await t.connections.get("con_1")
        await t.connections.change(replace(connection, company_code="102"), ConnectionSecrets(Secret("other")))
    assert (await facts(worker)).connection.company_code == "102"
    found = await due(worker)
    assert (found.connection.company_code, found.secrets.authorization_id.reveal()) == ("102", "other")


async def test_the_counters_of_a_connection_are_the_present_ones(
    worker: PostgresTransactions, others: PostgresTransactions
) -> None:
    async with others.begin("ten_1") as t:
        await t.connections.raise_intents("con_1", 7)
    assert (await facts(worker)).connection.intents == 7
    assert (await due(worker)).connection.intents == 7


async def test_a_changed_tenant_is_seen(worker: PostgresTransactions, others: PostgresTransactions) -> None:
    async with others.begin_instance() as i:
        tenant = await i.tenants.by_slug("tenant-1")
        await i.tenants.change(replace(tenant, name="Renamed"), PasswordLogin("other", Secret("changed")))
    found = await due(worker)
    assert found.tenant.name == "Renamed"
    assert found.account.login == PasswordLogin("other", Secret("changed"))


async def test_another_tenants_rows_stay_out_of_reach(worker: PostgresTransactions) -> None:
    """Who knows a row's hash does not get the row of another tenant by it."""
    async with worker.begin("ten_2") as t:
        found = await t.changes.next_due("con_2", EVERY_STEP)
    assert (found.tenant.id, found.connection.id, found.send) == ("ten_2", "con_2", None)


async def test_a_change_that_is_stored_does_not_fail_because_of_the_next_send(
    worker: PostgresTransactions, database_url: str
) -> None:
    """A send that waits for its next try would be told to have crashed."""
    async with worker.begin("ten_1") as t:
        await t.sends.add(a_send(2))
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        await connection.execute("""UPDATE sends SET findings = '[{"by": "a newer version"}]' WHERE id = 'snd_2'""")
    async with worker.changing("ten_1", FACTS) as (t, found):
        assert found.send is not None
        waits = replace(found.send, state=SendState.RETRYING, due_at=found.now + timedelta(hours=1))
        stored = await t.changes.conclude(StoredChange(send=waits), EVERY_STEP)
    assert stored.following is None
    async with worker.begin("ten_1") as t:
        assert await t.sends.get("snd_1") == stored.send
    with pytest.raises(ValidationError):
        await due(worker)
