"""From the release before sends had a life of their own, with work under way: everything is readable, and whoever
waited goes on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.types.json import Jsonb

from adapters.outbound.postgres.server.migrate import migrate
from adapters.outbound.postgres.transactions import PostgresTransactions, make_engine
from core.model.connections.endpoint import Endpoint
from core.model.planning.account import AccountEntry, EntryState, account_key, entry_key
from core.model.sending.send import HeaderState, SendState, Step
from core.model.work_orders.cost_line import LineState
from tests.edges.postgres.test_postgres_upgrade import PLAN, SETTINGS
from tests.support.storage_scene import NOW, transactions_on
from tests.support.upgrade_scene import database_of

TYPED = {
    "con_1": "https://Spectrum.Example.com:9000/ws",
    "con_2": "spectrum.example.com:9000",
    "con_3": "http://[2001:DB8::A]:8482",
    "con_4": "[::1]",
    "con_5": "https://10.0.0.7/ws",
    "con_6": "spectrum_prod.local.",
}
"""What somebody entered as the address of Spectrum. The first two are the same place."""
COMPANIES = {"con_1": "ab1", "con_2": "AB1"}
PLANNED = {"item_id": "1", "item_name": "Valve", "kind": "material", "round": 0, "purpose": "new", "values": []}


def a_plan(*item_ids: str) -> Jsonb:
    lines = [PLANNED | {"item_id": item_id} for item_id in item_ids]
    return Jsonb(PLAN | {"rules": [], "items": "new_only", "lines": lines})


def insert(connection: psycopg.Connection[Any], table: str, **values: object) -> None:
    names = sql.SQL(", ").join(map(sql.Identifier, values))
    places = sql.SQL(", ").join(sql.Placeholder() * len(values))
    statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(sql.Identifier(table), names, places)
    connection.execute(statement, list(values.values()))


def add_send(connection: psycopg.Connection[Any], number: int, state: str, step: str, **changes: object) -> None:
    values: dict[str, object] = {
        "id": f"snd_{number}",
        "tenant_id": "ten_1",
        "connection_id": "con_1",
        "job_id": str(number),
        "state": state,
        "step": step,
        "attempts": 0,
        "waits": 0,
        "adopt": False,
        "items": "new_only",
        "completes": False,
        "work_order_number": f"T{number}",
        "findings": Jsonb([]),
        "requested_at": NOW,
        "requested_by": "ann",
        "version": 3,
    }
    insert(connection, "sends", **values | changes)


def add_line(connection: psycopg.Connection[Any], line_id: str, send: int, state: str, **changes: object) -> None:
    values: dict[str, object] = {
        "id": line_id,
        "tenant_id": "ten_1",
        "connection_id": "con_1",
        "job_id": str(send),
        "work_order_number": f"T{send}",
        "item_id": line_id,
        "item_name": "Valve",
        "kind": "material",
        "round": 0,
        "purpose": "new",
        "fields": Jsonb({"Item_Code": "VALVE"}),
        "state": state,
        "send_id": f"snd_{send}",
        "place": 0,
        "findings": Jsonb([]),
        "attempt_id": None if state == "planned" else "att_1",
        "sent_at": NOW,
    }
    insert(connection, "cost_lines", **values | changes)


def fill(connection: psycopg.Connection[Any]) -> None:
    insert(
        connection,
        "tenants",
        id="ten_1",
        slug="cardinal",
        name="Cardinal",
        base_url="https://api.example.com",
        login_kind="password",
        login_name="user",
        login_secret=b"",
        data_key=b"",
        created_at=NOW,
    )
    for connection_id, typed in TYPED.items():
        settings = SETTINGS | {
            "endpoint_url": str(Endpoint.parse(typed)),
            "company_code": COMPANIES.get(connection_id, "101"),
        }
        insert(
            connection,
            "connections",
            id=connection_id,
            tenant_id="ten_1",
            slug=connection_id.replace("_", "-"),
            external_system=connection_id,
            settings=Jsonb(settings),
            authorization_id=b"",
        )
        insert(connection, "connection_due", connection_id=connection_id, tenant_id="ten_1")
    # One on its way to the header, one whose plan is JSON null, one that was never planned, one that is sent.
    add_send(connection, 1, "retrying", "header", plan=a_plan("lin_1"), due_at=NOW)
    add_line(connection, "lin_1", 1, "planned")
    add_send(connection, 2, "queued", "plan", plan=Jsonb(None), work_order_number=None, due_at=NOW)
    add_send(connection, 3, "queued", "plan", work_order_number=None, due_at=NOW)
    add_send(connection, 4, "sent", "done", plan=a_plan("lin_4"), finished_at=NOW)
    add_line(connection, "lin_4", 4, "posted", system_key="key")
    # Two that failed, with what they left undone.
    add_send(connection, 5, "needs_attention", "done", plan=a_plan("lin_5a", "lin_5b", "lin_5c", "lin_5d"))
    for line_id, state in (("lin_5a", "planned"), ("lin_5b", "rejected"), ("lin_5c", "not_posted")):
        add_line(connection, line_id, 5, state)
    add_line(connection, "lin_5d", 5, "posted")
    add_send(connection, 6, "cancelled", "done", plan=a_plan("lin_6"))
    add_line(connection, "lin_6", 6, "planned")
    # Two in doubt about one work order. Only the first one has the line whose answer was lost.
    add_send(connection, 7, "in_doubt", "done", plan=a_plan("lin_7a", "lin_7b", "lin_7c"))
    add_line(connection, "lin_7a", 7, "posted")
    add_line(connection, "lin_7b", 7, "in_doubt")
    add_line(connection, "lin_7c", 7, "planned")
    add_send(connection, 8, "in_doubt", "done", plan=a_plan("lin_8"), work_order_number="T7")
    add_line(connection, "lin_8", 8, "planned", work_order_number="T7")
    # A doubt of the same number on another connection keeps nobody here waiting.
    add_send(connection, 9, "in_doubt", "done", plan=a_plan("lin_9"), connection_id="con_3", work_order_number="T7")
    add_line(connection, "lin_9", 9, "in_doubt", connection_id="con_3", work_order_number="T7")
    # One is just at its lines, and another connection to the same Spectrum company has posted to its work order.
    add_send(connection, 10, "sending", "lines", plan=a_plan("lin_10a", "lin_10b"), due_at=NOW, work_order_number="t10")
    add_line(connection, "lin_10a", 10, "sending", work_order_number="t10")
    add_line(connection, "lin_10b", 10, "planned", work_order_number="t10")
    add_send(connection, 11, "sent", "done", plan=a_plan("lin_11"), connection_id="con_2", work_order_number="T10")
    add_line(connection, "lin_11", 11, "posted", connection_id="con_2", work_order_number="T10", item_id="lin_10a")
    for number, connection_id in enumerate(("con_4", "con_5", "con_6"), start=12):
        add_send(connection, number, "sent", "done", plan=a_plan(f"lin_{number}"), connection_id=connection_id)
        add_line(connection, f"lin_{number}", number, "posted", connection_id=connection_id, item_id="3\u00e9")
    for job in (4, 7):
        insert(
            connection,
            "work_orders",
            tenant_id="ten_1",
            connection_id="con_1",
            job_id=str(job),
            number=f"T{job}",
            failure_reported=False,
            last_send_id=f"snd_{job}",
            sent=Jsonb({}),
            sent_at=NOW,
        )
    insert(connection, "number_claims", key=b"number", owner=b"mine")


@pytest.fixture
async def url(server_url: str) -> AsyncIterator[str]:
    with database_of(server_url, "0011") as url:
        with psycopg.connect(url) as connection:
            fill(connection)
        await migrate(url)
        yield url


@pytest.fixture
async def upgraded(url: str) -> AsyncIterator[PostgresTransactions]:
    engine = make_engine(url)
    yield transactions_on(engine)
    await engine.dispose()


async def test_every_send_is_read_with_its_plan(upgraded: PostgresTransactions) -> None:
    async with upgraded.begin("ten_1") as t:
        sends = {send.id: send for send in await t.sends.page()}
        assert len(sends) == 14
        without = {send.id for send in sends.values() if send.plan is None}
        assert without == {send.id for send in sends.values() if send.plan_id is None} == {"snd_2", "snd_3"}
        planned = {send.id: [line.item_id for line in send.plan.lines] for send in sends.values() if send.plan}
        assert planned["snd_1"] == ["lin_1"]
        assert planned["snd_7"] == ["lin_7a", "lin_7b", "lin_7c"]
        for send in sends.values():
            assert {line.plan_id for line in await t.ledger.of_send(send.id)} <= {send.plan_id}
            await t.sends.save(send)


async def test_what_was_done_of_each_is_known(upgraded: PostgresTransactions) -> None:
    async with upgraded.begin("ten_1") as t:
        done = {send.id: (send.header, send.number_written) for send in await t.sends.page()}
    nothing, begun, stands = HeaderState.NONE, HeaderState.BEGUN, HeaderState.STANDS
    assert done["snd_1"] == (begun, False)
    assert done["snd_2"] == done["snd_3"] == done["snd_6"] == (nothing, False)
    assert done["snd_4"] == (stands, True)
    assert done["snd_7"] == (stands, True), "it had come to its lines"
    assert done["snd_9"] == (stands, True), "though its job has no record any more"
    assert done["snd_5"] == (stands, True), "a line of it stands"
    assert done["snd_10"] == (stands, True)


async def test_of_two_in_doubt_the_one_without_the_line_waits_for_the_other(upgraded: PostgresTransactions) -> None:
    async with upgraded.begin("ten_1") as t:
        waiting = await t.sends.get("snd_8")
        assert (waiting.state, waiting.step, waiting.due_at) == (SendState.QUEUED, Step.PLAN, None)
        assert (waiting.waits_for, waiting.version) == ("snd_7", 4)
        assert {send.id: send.waits_for for send in await t.sends.page() if send.waits_for} == {"snd_8": "snd_7"}
        doubted = await t.sends.get("snd_7")
        assert (doubted.state, doubted.version) == (SendState.IN_DOUBT, 3)
        assert await t.ledger.holder("con_1", "T7", beside="snd_8") == "snd_7"
        assert await t.ledger.holder("con_1", "T7", beside="snd_7") is None
        assert await t.sends.wake_waiting("snd_7", NOW) == 1
        woken = await t.sends.next_due("con_1", NOW)
        assert woken is not None, "the first of several"
        assert (await t.sends.get("snd_8")).due_at == NOW


async def test_what_failed_or_waits_holds_nothing_and_the_rest_keeps_its_place(upgraded: PostgresTransactions) -> None:
    async with upgraded.begin("ten_1") as t:
        lines = [line for send in await t.sends.page() for line in await t.ledger.of_send(send.id)]
    assert {line.id for line in lines if line.given_back} == {"lin_5a", "lin_5b", "lin_5c", "lin_6", "lin_8"}
    assert len(lines) == 18
    assert {line.id for line in lines if line.state is LineState.IN_DOUBT} == {"lin_7b", "lin_9"}


async def test_the_accounts_are_what_the_program_computes(url: str, upgraded: PostgresTransactions) -> None:
    async with upgraded.begin("ten_1") as t:
        connections = {connection.id: connection for connection in await t.connections.all()}
        lines = [line for send in await t.sends.page() for line in await t.ledger.of_send(send.id)]
        expected = set()
        for line in lines:
            if line.takes_place:
                account = account_key(connections[line.connection_id], line.work_order_number)
                expected.add((line.id, account, entry_key(account, line.item_id), line.state is LineState.POSTED))
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT line_id, account, item, stands FROM account_entries").fetchall()
    assert set(found) == expected
    assert {line.connection_id for line in lines} == TYPED.keys(), "each spelling has a line"


async def test_two_connections_to_one_company_see_each_other(upgraded: PostgresTransactions) -> None:
    async with upgraded.begin("ten_1") as t:
        first, second = [await t.connections.get(connection_id) for connection_id in ("con_1", "con_2")]
        account = account_key(first, "T10")
        assert account == account_key(second, "t10")
        posted, planned = entry_key(account, "lin_10a"), entry_key(account, "lin_10b")
        assert await t.accounts.others([account], "con_1") == [AccountEntry(account, posted, EntryState.STANDS)]
        seen = await t.accounts.others([account], "con_2")
        in_doubt = AccountEntry(account, posted, EntryState.OPEN)  # waited for like one that is planned
        assert set(seen) == {in_doubt, AccountEntry(account, planned, EntryState.OPEN)}
        line = await t.ledger.get("lin_10b")
        await t.accounts.enter(account, "con_1", {line.id: (planned, EntryState.STANDS)})
        own = AccountEntry(account, planned, EntryState.STANDS)
        assert own in await t.accounts.others([account], "con_2"), "its own row"


async def test_claims_of_before_count_for_good(upgraded: PostgresTransactions) -> None:
    async with upgraded.begin("ten_1") as t:
        assert await t.claims.accepted(b"number", b"mine")
        await t.claims.give_back(b"number", b"mine")
        assert await t.claims.taken(b"number", b"theirs")
        assert await t.claims.claim(b"new", b"mine")
        assert not await t.claims.accepted(b"new", b"mine"), "one of today does not, before Spectrum accepted a write"
