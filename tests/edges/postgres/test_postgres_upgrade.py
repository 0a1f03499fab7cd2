"""From the first release's tables, with rows in them, to today's: nothing is lost, and what is new has its default."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import psycopg
import pytest
from psycopg.types.json import Jsonb

from adapters.outbound.postgres.due_work import PostgresDueWork
from adapters.outbound.postgres.server.migrate import migrate, migration_state, require_schema
from adapters.outbound.postgres.transactions import PostgresTransactions, make_engine
from core.model.connections.connection import Connection
from core.model.connections.endpoint import Endpoint
from core.model.connections.same_company import company_key
from core.model.connections.settings import LongText, NonStock, OnCompletion, Overwrite, PluginUse
from core.model.planning.plan import RuleUsed
from core.model.sending.send import HeaderState, Send, SendState, Step, Topic
from core.model.shared.errors import OperatorMends
from core.model.work_orders.cost_line import ItemsMode
from ports.storage.completions import CompletionNews, PollState
from tests.support.storage_scene import NOW, a_line, transactions_on
from tests.support.upgrade_scene import database_of

URL = "https://spectrum.example.com:9000/ws"
SETTINGS = {
    "name": "Spectrum",
    "company_code": "101",
    "leading_character": "T",
    "default_work_order_type": "SVC",
    "lead_source": "",
    "long_text": "cut",
    "overwrite": "changed_fields",
    "ca_certificate": None,
    "enhanced_auth": False,
    "failure_tag": "failed",
    "endpoint_url": URL,
    "external_sync": None,
    "plugins": [{"name": "po-required", "config": {}}],
}
PLAN = {
    "job_id": "7",
    "connection_id": "con_1",
    "number": "T7",
    "adopt": False,
    "creates": True,
    "rules": ["leading_character 1", "acme rule", "nameless"],
    "job_number": "7",
    "findings": [],
    "header": [
        {
            "field": "WO_Number",
            "value": "T7",
            "source_value": "T7",
            "previous": None,
            "origin": {"source": "job.number", "rule": "core", "version": "", "reason": ""},
        }
    ],
}
FINDING: dict[str, object] = {
    "code": "",
    "severity": "blocker",
    "message": "It is so.",
    "cause": "",
    "fix": [],
    "owner": "service",
    "retry": "no",
    "field": None,
    "origin": None,
}
ROWS: tuple[tuple[str, tuple[object, ...]], ...] = (
    (
        "INSERT INTO tenants (id, slug, name, base_url, login_kind, login_name, login_secret, data_key, created_at)"
        " VALUES ('ten_1', 'cardinal', 'Cardinal', 'https://api.example.com', 'password', 'user', '', '', %s)",
        (NOW,),
    ),
    (
        "INSERT INTO connections (id, tenant_id, slug, external_system, settings, authorization_id)"
        " VALUES ('con_1', 'ten_1', 'main', 'spectrum', %s, '')",
        (Jsonb(SETTINGS),),
    ),
    ("INSERT INTO connection_due VALUES ('con_1', 'ten_1', NULL)", ()),
    (
        "INSERT INTO sends (id, tenant_id, connection_id, job_id, state, step, due_at, attempts, waits, adopt, plan,"
        " work_order_number, findings, requested_at, requested_by, version)"
        " VALUES ('snd_1', 'ten_1', 'con_1', '7', 'retrying', 'header', %s, 2, 0, false, %s, 'T7', '[]', %s, 'ann', 3)",
        (NOW, Jsonb(PLAN), NOW),
    ),
    (
        "INSERT INTO attempts (tenant_id, send_id, step, started_at, outcome, detail, request, answer)"
        " VALUES ('ten_1', 'snd_1', 'header', %s, 'unknown', 'lost', '<x/>', '')",
        (NOW,),
    ),
    (
        "INSERT INTO work_orders (tenant_id, connection_id, job_id, number, failure_reported)"
        " VALUES ('ten_1', 'con_1', '7', 'T7', false)",
        (),
    ),
    *(
        (
            "INSERT INTO warnings (id, tenant_id, connection_id, job_id, send_id, finding, raised_at)"
            " VALUES (%s, 'ten_1', 'con_1', %s, %s, %s, %s)",
            (f"wrn_{code}", job, f"snd_{job}" if job else "", Jsonb(FINDING | {"code": code}), NOW),
        )
        for code, job in (("SECRET_ENDS_SOON", ""), ("RECORD_LOCKED", "7"))
    ),
)


@pytest.fixture
def old_url(server_url: str) -> Iterator[str]:
    """A database as the first release left it, in use."""
    with database_of(server_url, "0001") as url:
        with psycopg.connect(url) as connection:
            for statement, values in ROWS:
                connection.execute(statement.encode(), values)
        yield url


@pytest.fixture
async def upgraded(old_url: str) -> AsyncIterator[PostgresTransactions]:
    with pytest.raises(OperatorMends) as caught:
        await require_schema(old_url)
    assert caught.value.code == "SCHEMA_BEHIND"
    await migrate(old_url)
    assert (await migration_state(old_url)).up_to_date
    await require_schema(old_url)
    engine = make_engine(old_url)
    yield transactions_on(engine)
    await engine.dispose()


async def test_a_connection_of_the_first_release_keeps_its_settings_and_sets_nothing_off(
    upgraded: PostgresTransactions,
) -> None:
    async with upgraded.begin("ten_1") as t:
        found = await t.connections.get("con_1")
    assert found == Connection(
        id="con_1",
        tenant_id="ten_1",
        slug="main",
        name="Spectrum",
        external_system="spectrum",
        endpoint=Endpoint.parse(URL),
        company_code="101",
        leading_character="T",
        default_work_order_type="SVC",
        long_text=LongText.CUT,
        overwrite=Overwrite.CHANGED_FIELDS,
        failure_tag="failed",
        plugins=(PluginUse("po-required"),),
    )
    assert (found.on_completion, found.non_stock_fallback) == (OnCompletion.OFF, NonStock.OFF)
    assert (found.items_on_resend, found.read_back, found.item_kinds) == (ItemsMode.NEW_ONLY, None, {})


async def test_where_a_connection_of_the_first_release_leads_is_known_to_others(
    upgraded: PostgresTransactions,
) -> None:
    async with upgraded.begin("ten_1") as t:
        company = company_key(await t.connections.get("con_1"))
        assert await t.connections.elsewhere([company]) == frozenset()
    async with upgraded.begin("ten_2") as t:
        assert await t.connections.elsewhere([company]) == {company}


async def test_a_send_under_way_goes_on_without_items(upgraded: PostgresTransactions) -> None:
    async with upgraded.begin("ten_1") as t:
        send = await t.sends.next_due("con_1", NOW)
        assert send is not None
        assert send == Send(
            id="snd_1",
            tenant_id="ten_1",
            connection_id="con_1",
            job_id="7",
            requested_at=NOW,
            requested_by="ann",
            seq=send.seq,
            state=SendState.RETRYING,
            step=Step.HEADER,
            due_at=NOW,
            attempts=2,
            plan=send.plan,
            work_order_number="T7",
            version=3,
            items=ItemsMode.NONE,
            completes=False,
            plan_id="pln_snd_1",
            header=HeaderState.BEGUN,
        )
        assert send.plan is not None
        assert (send.plan.values, send.plan.items, send.plan.lines) == ({"WO_Number": "T7"}, ItemsMode.NONE, ())
        assert send.plan.rules == (
            RuleUsed("leading_character", "1"),
            RuleUsed("acme", "rule"),
            RuleUsed("nameless", ""),
        )
        (attempt,) = await t.sends.attempts("snd_1")
        assert (attempt.detail, attempt.line_id) == ("lost", None)
        await t.sends.save(send)


async def test_the_new_tables_work_beside_the_old_rows(old_url: str, upgraded: PostgresTransactions) -> None:
    async with upgraded.begin("ten_1") as t:
        await t.ledger.save([a_line(job_id="7", work_order_number="T7")])
        assert await t.poll_schedule.poll() == PollState()
        await t.poll_schedule.set_due(NOW, only_earlier=True)
    engine = make_engine(old_url)
    assert await PostgresDueWork(engine).claim_tenants(5) == [("ten_1",)]
    await engine.dispose()


async def test_warnings_of_one_connection_stand_beside_each_other(upgraded: PostgresTransactions) -> None:
    async with upgraded.begin("ten_1") as t:
        old = {one.topic: one for one in await t.warnings.open()}
        assert {topic: one.finding.code for topic, one in old.items()} == {
            "": "RECORD_LOCKED",
            "secret": "SECRET_ENDS_SOON",
        }
        await t.warnings.put(replace(old["secret"], id="wrn_poll", topic=Topic.POLL))
        await t.warnings.clear("con_1", "", Topic.SECRET)
        assert {one.topic for one in await t.warnings.open()} == {"", "poll"}
        assert await t.completions.record("con_1", "7", NOW) is CompletionNews.NEW


async def test_rights_given_again_by_a_later_init_do_not_open_the_audit(
    old_url: str, upgraded: PostgresTransactions
) -> None:
    await migrate(old_url)
    with psycopg.connect(old_url) as connection:
        allowed = connection.execute(
            "SELECT has_table_privilege('jobferry_app', 'audit', 'INSERT'),"
            " has_table_privilege('jobferry_app', 'audit', 'UPDATE, DELETE, TRUNCATE')"
        ).fetchone()
    assert allowed == (True, False)
