"""Row-level security with the application's own filter taken out: the service's role, raw SQL, the wrong tenant."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import text, true
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.outbound.postgres.repository import Repository
from adapters.outbound.postgres.transactions import PostgresTransactions, make_engine
from adapters.outbound.vault.master_key import key_id
from core.model.access.person import Session, SignInLink
from core.model.connections.connection import ConnectionSecrets
from core.model.mappings.alias import AliasKind
from core.model.shared.errors import NotFound, OperatorMends
from core.model.shared.secret import Secret
from tests.support.storage_scene import MASTER_KEY, NOW, PLANTED, a_connection, a_send, fill, furnish

TENANT_TABLES = (
    "tenants",
    "connections",
    "sends",
    "attempts",
    "idempotency_keys",
    "work_orders",
    "warnings",
    "cost_lines",
    "hints",
    "tenant_watch",
    "completions",
    "servicetrade_webhooks",
    "aliases",
    "webhook_endpoints",
    "webhook_deliveries",
    "recipients",
    "notices",
    "notification_messages",
    "reconciliations",
    "reconciled_jobs",
    "listed_codes",
    "listed_words",
    "code_list_states",
    "creations",
    "suggestion_searches",
    "suggested_records",
    "batch_sends",
    "people",
    "console_sessions",
    "sign_in_links",
    "send_plans",
    "kept_answers",
)
ONLY_ADDED_TO = ("audit", "alias_history")
DUE, DUE_OF_TEN_1 = 12, 8
"""The rows of due_work in the scene: ids and moments only."""
OF_A_TENANT = """
SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
"""


@pytest.fixture
async def transactions(engine: AsyncEngine) -> PostgresTransactions:
    return await furnished(engine)


@pytest.fixture(scope="module")
def furnished_database(database_of_module: str) -> str:
    """For the statements that are refused: they leave it as it is."""

    async def fill_it() -> None:
        engine = make_engine(database_of_module)
        await furnished(engine)
        await engine.dispose()

    asyncio.run(fill_it())
    return database_of_module


@pytest.fixture
async def shared_engine(furnished_database: str) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(furnished_database)
    yield engine
    await engine.dispose()


async def furnished(engine: AsyncEngine) -> PostgresTransactions:
    transactions = await furnish(engine)
    async with transactions.begin("ten_1") as t:
        await fill(t)
    async with transactions.begin_instance() as i:
        await i.credentials.begin_session(
            Session(digest=b"s", person_id="per_1", tenant_id="ten_1", created_at=NOW, seen_at=NOW)
        )
        await i.credentials.keep_link(
            SignInLink(digest=b"l", person_id="per_1", tenant_id="ten_1", page="", expires_at=NOW)
        )
    return transactions


async def be(connection: AsyncConnection, tenant: str | None) -> None:
    if tenant is not None:
        await connection.execute(text("SELECT set_config('app.tenant', :tenant, true)"), {"tenant": tenant})


async def count(connection: AsyncConnection, table: str) -> int:
    return int((await connection.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one())


@pytest.mark.parametrize("table", TENANT_TABLES)
async def test_a_table_shows_its_rows_to_their_tenant_only(shared_engine: AsyncEngine, table: str) -> None:
    async with shared_engine.begin() as connection:
        await be(connection, "ten_1")
        assert await count(connection, table) == 1
    owner = "id" if table == "tenants" else "tenant_id"
    for stranger in ("ten_2", "", None, "ten_1' OR true --"):
        async with shared_engine.begin() as connection:
            await be(connection, stranger)
            found = await connection.execute(text(f"SELECT 1 FROM {table} WHERE {owner} = 'ten_1'"))
            assert found.first() is None, stranger
            changed = await connection.execute(text(f"UPDATE {table} SET {owner} = {owner} WHERE {owner} = 'ten_1'"))
            assert changed.rowcount == 0
            removed = await connection.execute(text(f"DELETE FROM {table} WHERE {owner} = 'ten_1'"))
            assert removed.rowcount == 0


@pytest.mark.usefixtures("transactions")
async def test_everybody_reads_who_is_due_and_only_the_tenant_changes_it(engine: AsyncEngine) -> None:
    for stranger in ("ten_2", "", None):
        async with engine.begin() as connection:
            await be(connection, stranger)
            assert await count(connection, "due_work") == DUE
            for change in ("UPDATE due_work SET due_at = now()", "DELETE FROM due_work"):
                done = await connection.execute(text(f"{change} WHERE tenant_id = 'ten_1'"))
                assert done.rowcount == 0, (stranger, change)
    async with engine.begin() as connection:
        await be(connection, "ten_1")
        done = await connection.execute(text("UPDATE due_work SET due_at = now()"))
        assert done.rowcount == DUE_OF_TEN_1


@pytest.mark.usefixtures("transactions")
@pytest.mark.parametrize(("table", "column"), [("audit", "actor"), ("alias_history", "code")])
async def test_what_is_only_added_to_shows_its_rows_to_their_tenant_only_and_nobody_changes_them(
    engine: AsyncEngine, table: str, column: str
) -> None:
    for tenant, seen in (("ten_1", 1), ("ten_2", 0), ("", 0), (None, 0)):
        async with engine.begin() as connection:
            await be(connection, tenant)
            assert await count(connection, table) == seen, tenant
        for change in (f"UPDATE {table} SET {column} = 'eve'", f"DELETE FROM {table}", f"TRUNCATE {table}"):
            with pytest.raises(DBAPIError, match="permission denied"):
                async with engine.begin() as connection:
                    await be(connection, tenant)
                    await connection.execute(text(change))


@pytest.mark.usefixtures("transactions")
async def test_workers_admit_everybodys_work_and_may_not_change_when_it_is_due(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(text("SELECT * FROM admit_due(ARRAY['completion_sync'], NULL, 5, 5, '12 s')"))
        found = await connection.execute(text("SELECT args FROM procrastinate_jobs"))
        assert found.scalars().all() == [{"tenant_id": "ten_1", "subject": "ten_1"}]
        changed = await connection.execute(text("UPDATE due_work SET due_at = NULL WHERE tenant_id = 'ten_1'"))
        assert changed.rowcount == 0


async def test_every_table_of_a_tenant_forces_row_level_security(database_url: str) -> None:
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        found = {str(name): bool(forced) for name, forced in await (await connection.execute(OF_A_TENANT)).fetchall()}
    assert found.keys() >= {*TENANT_TABLES, "due_work", *ONLY_ADDED_TO} - {"tenants"}
    assert {name for name, forced in found.items() if not forced} == set()


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO idempotency_keys VALUES ('ten_1', 'k', 'h', 's')",
        "INSERT INTO due_work VALUES ('drain', 'con_1', 'ten_1', now())"
        " ON CONFLICT (kind, subject) DO UPDATE SET due_at = NULL",
        "UPDATE connections SET tenant_id = 'ten_1'",
        "INSERT INTO work_orders (tenant_id, connection_id, job_id, failure_reported)"
        " VALUES ('ten_2', 'con_1', '1', true)"
        " ON CONFLICT (connection_id, job_id) DO UPDATE SET number = 'stolen'",
        "INSERT INTO cost_lines (id, tenant_id, connection_id, job_id, work_order_number, item_id, item_name, kind,"
        " round, purpose, fields, state, send_id, place, findings) VALUES ('lin_9', 'ten_2', 'con_1', '1', 'T1', '1',"
        " 'x', 'material', 0, 'new', '{}', 'planned', 'snd_1', 0, '[]')"
        " ON CONFLICT (connection_id, work_order_number, item_id, round) WHERE NOT given_back"
        " DO UPDATE SET job_id = 'stolen'",
        "INSERT INTO send_plans VALUES ('pln_9', 'ten_1', 'snd_1', '{}', 0)",
        "INSERT INTO send_plans VALUES ('pln_1', 'ten_2', 'snd_1', '{}', 0) ON CONFLICT (id) DO UPDATE SET lines = 9",
        "INSERT INTO hints (tenant_id, job_id, due_at) VALUES ('ten_1', '9', now())",
        "INSERT INTO completions VALUES ('ten_1', 'con_1', '9', NULL)",
        "INSERT INTO tenant_watch VALUES ('ten_1', now(), NULL) ON CONFLICT (tenant_id) DO UPDATE SET poll_at = NULL",
        "INSERT INTO servicetrade_webhooks VALUES ('digest', 'ten_2', NULL, now())"
        " ON CONFLICT (digest) DO UPDATE SET webhook_id = 'stolen'",
        "INSERT INTO servicetrade_webhooks VALUES ('new', 'ten_1', NULL, now())",
        "INSERT INTO webhook_endpoints (id, tenant_id, url, events, description, paused, paused_reason, secret,"
        " created_at) VALUES ('whe_9', 'ten_1', 'https://a.example', '[]', '', false, '', 'x', now())",
        "INSERT INTO webhook_deliveries (tenant_id, endpoint_id, event_id, type, body, created_at, state, tries,"
        " detail) VALUES ('ten_1', 'whe_1', 'evt_9', 'x', '{}', now(), 'pending', 0, '')",
        "INSERT INTO recipients (id, tenant_id, channel, address, kinds, digest_hour, paused_reason, trouble,"
        " created_at, created_by, link_key) VALUES ('rcp_9', 'ten_1', 'mail', 'e@x', '[]', 7, '', '', now(), 'e', 'x')",
        "INSERT INTO notices (tenant_id, recipient_id, kind, cause, connection_id, code, message, job_id, job, send_id,"
        " at, ready_at) VALUES ('ten_1', 'rcp_1', 'x', 'x', 'x', 'x', 'x', 'x', 'x', 'x', now(), now())",
        "INSERT INTO notification_messages (tenant_id, recipient_id, id, kind, cause, content, created_at, state,"
        " tries, detail) VALUES ('ten_1', 'rcp_1', 'msg_9', 'x', 'x', '{}', now(), 'pending', 0, '')",
        "INSERT INTO reconciliations (id, tenant_id, first_day, last_day, since, until, requested_by, created_at,"
        " state, step, round, failures, trouble, reason, unnamed) VALUES ('rec_9', 'ten_1', now(), now(), now(), now(),"
        " 'e', now(), 'running', 'list', 0, 0, '', '', false)",
        "INSERT INTO reconciled_jobs (tenant_id, run_id, job_id, round, unreadable, number, customer, entries, marks)"
        " VALUES ('ten_2', 'rec_1', '1', 1, '', '', '', '[]', '[]')"
        " ON CONFLICT (run_id, job_id) DO UPDATE SET number = 'stolen'",
        "INSERT INTO listed_codes (tenant_id, connection_id, kind, key, code, name, street, city, state, postal_code,"
        " phone, customer_code, site_code, unit, listed_from, words) VALUES ('ten_2', 'con_1', 'customer', 'harview',"
        " 'HARVIEW', '', '', '', '', '', '', '', '', '', 'spectrum', '')"
        " ON CONFLICT (connection_id, kind, key) DO UPDATE SET code = 'stolen'",
        "INSERT INTO listed_words VALUES ('ten_1', 'con_1', 'customer', 'word', 'harview', '')",
        "INSERT INTO code_list_states (tenant_id, connection_id, kind) VALUES ('ten_2', 'con_1', 'customer')"
        " ON CONFLICT (connection_id, kind) DO UPDATE SET rows = 0",
        "INSERT INTO suggestion_searches (tenant_id, connection_id, company_code, external_system, requested_by,"
        " started_at, step, round, version, kinds, unread, records, failures, trouble) VALUES ('ten_2', 'con_1', '',"
        " '', '', now(), 'done', 1, 1, '[]', '{}', 0, 0, '') ON CONFLICT (connection_id) DO UPDATE SET round = 9",
        "INSERT INTO suggested_records (tenant_id, connection_id, kind, record_id, rank, sort_name, score, sought,"
        " customer_id, round, told, matched, version, state, code, place, decided_by, trouble, record,"
        " suggestions) VALUES ('ten_2', 'con_1', 'customer', '1', 0, '', 0, '', '', 1, true, 1, 1, 'open', '',"
        " 'alias', '', '', '{}', '[]')"
        " ON CONFLICT (connection_id, kind, record_id) DO UPDATE SET code = 'stolen'",
        "INSERT INTO audit (tenant_id, at, actor, action, subject, detail)"
        " VALUES ('ten_1', now(), 'eve', 'x', 'y', '{}')",
        "INSERT INTO aliases (id, tenant_id, connection_id, kind, servicetrade_id, name, code, set_at, set_by)"
        " VALUES ('als_9', 'ten_2', 'con_1', 'customer', '7', '', 'X', now(), 'eve')"
        " ON CONFLICT (connection_id, kind, servicetrade_id, source) DO UPDATE SET code = 'stolen'",
        "INSERT INTO aliases (id, tenant_id, connection_id, kind, servicetrade_id, name, code, set_at, set_by)"
        " VALUES ('als_9', 'ten_1', 'con_1', 'site', '7', '', 'X', now(), 'eve')",
        "INSERT INTO alias_history (alias_id, alias_seq, tenant_id, connection_id, kind, servicetrade_id, name, code,"
        " set_at, set_by, ended, ended_at, ended_by)"
        " VALUES ('als_1', 1, 'ten_1', 'con_1', 'site', '7', '', 'X', now(), 'eve', 'removed', now(), 'eve')",
    ],
)
async def test_a_row_cannot_be_given_to_or_taken_from_another_tenant(
    shared_engine: AsyncEngine, statement: str
) -> None:
    with pytest.raises(DBAPIError, match="row-level security"):
        async with shared_engine.begin() as connection:
            await be(connection, "ten_2")
            await connection.execute(text(statement))


async def test_aliases_stay_apart_even_without_the_filter_of_the_queries(
    transactions: PostgresTransactions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Repository, "_mine", lambda *_: true())
    for tenant, seen in (("ten_1", ["HARVIEW"]), ("ten_2", [])):
        async with transactions.begin(tenant) as t:
            assert [alias.code for alias in await t.aliases.page("con_1")] == seen
            assert [alias.code for alias in await t.aliases.of("con_1", [(AliasKind.CUSTOMER, "7")])] == seen
    async with transactions.begin("ten_2") as t:
        for touch in (t.aliases.history("als_1"), t.aliases.remove("als_1", at=NOW, by="eve")):
            with pytest.raises(NotFound):
                await touch


@pytest.mark.usefixtures("transactions")
async def test_a_send_filed_under_another_tenant_is_refused(transactions: PostgresTransactions) -> None:
    with pytest.raises(DBAPIError, match="row-level security"):
        async with transactions.begin("ten_2") as t:
            await t.sends.add(a_send(9))


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM number_claims",
        "DELETE FROM number_claims",
        "SELECT * FROM account_entries",
        "SELECT count(*) FROM account_entries",
        "INSERT INTO account_entries VALUES ('lin_9', '', '', '', true)",
        "UPDATE account_entries SET stands = false",
        "DELETE FROM account_entries",
        "ALTER TABLE sends DISABLE TRIGGER sent_is_shown",
        "DROP TRIGGER line_keeps_its_send ON cost_lines",
        "SELECT * FROM company_connections",
        "DELETE FROM company_connections",
        "ALTER TABLE sends DISABLE ROW LEVEL SECURITY",
        "DROP POLICY tenant_only ON sends",
        "ALTER TABLE cost_lines DISABLE ROW LEVEL SECURITY",
        "DROP FUNCTION admit_due(text[], bigint, integer, integer, interval)",
        "SELECT * FROM due_turns",
        "UPDATE due_turns SET taken_at = now()",
        "CREATE TABLE mine (id int)",
        "CREATE OR REPLACE FUNCTION number_taken(asked bytea, asker bytea) RETURNS boolean"
        " LANGUAGE sql AS 'SELECT true'",
    ],
)
async def test_the_role_may_do_no_more_than_the_service_needs(shared_engine: AsyncEngine, statement: str) -> None:
    with pytest.raises(DBAPIError, match="permission denied|must be owner"):
        async with shared_engine.begin() as connection:
            await connection.execute(text(statement))


@pytest.mark.usefixtures("transactions")
async def test_the_role_is_bound_from_the_first_statement_and_reset_does_not_climb(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        for statement in ("SELECT 1", "RESET ROLE", "RESET ALL", "DISCARD PLANS", "SET ROLE DEFAULT"):
            if statement != "SET ROLE DEFAULT":
                await connection.execute(text(statement))
            assert (await connection.execute(text("SELECT current_user"))).scalar_one() == "jobferry_app"
            assert await count(connection, "sends") == 0
    async with engine.begin() as connection:
        await connection.execute(text("SET LOCAL row_security = off"))
        with pytest.raises(DBAPIError, match="row-level security"):
            await count(connection, "sends")


async def test_the_role_has_no_right_to_bypass(database_url: str) -> None:
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        row = await (
            await connection.execute(
                "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolcanlogin,"
                " (SELECT count(*) FROM pg_auth_members WHERE member = r.oid) FROM pg_roles r"
                " WHERE rolname = 'jobferry_app'"
            )
        ).fetchone()
    assert row == (False, False, False, False, False, 0)


async def test_what_runs_with_its_owners_rights_is_not_for_everybody(database_url: str) -> None:
    """PostgreSQL lets everybody call a new function; ours that look across tenants are the service's only."""
    lifted = (
        "SELECT proname, has_function_privilege('public', oid, 'EXECUTE'),"
        " has_function_privilege('jobferry_app', oid, 'EXECUTE') FROM pg_proc"
        " WHERE prosecdef AND pronamespace = 'public'::regnamespace"
    )
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        rows = await (await connection.execute(lifted)).fetchall()
    found = {str(name): (public, ours) for name, public, ours in rows}
    ours = (
        "number_taken",
        "claim_number",
        "number_accepted",
        "accept_number",
        "give_back_number",
        "account_others",
        "account_enter",
        "account_leave",
        "forget_audit",
        "forget_person",
        "forget_old_audit",
        "forget_old_operator_audit",
        "census",
        "admit_due",
        "companies_elsewhere",
        "company_enter",
        "company_leave",
    )
    # A trigger's function is called by the database alone.
    assert found == dict.fromkeys(ours, (False, True)) | {"name_actor": (False, False)}


async def test_a_session_setting_does_not_outlive_its_transaction(transactions: PostgresTransactions) -> None:
    async with transactions.begin("ten_1"), transactions.begin_instance():
        pass
    async with transactions._session("ten_1") as one, transactions._session("ten_1") as two:
        for session in (one, two):
            assert await count(session.connection, "sends") == await count(session.connection, "tenants") == 0


async def test_the_operators_view_shows_no_tenants_work(
    engine: AsyncEngine, transactions: PostgresTransactions
) -> None:
    async with engine.begin() as connection:
        await connection.execute(text("SELECT set_config('app.operator', 'on', true)"))
        assert await count(connection, "tenants") == 2
        shown = {table: await count(connection, table) for table in (*TENANT_TABLES, *ONLY_ADDED_TO)}
        # Whose secret was called, and who signs in, has to be found before their tenant is known.
        found_before = {"servicetrade_webhooks", "people", "console_sessions", "sign_in_links"}
        assert {table for table, rows in shown.items() if rows} == {"tenants", *found_before}
        for change in ("UPDATE servicetrade_webhooks SET webhook_id = 'stolen'", "DELETE FROM servicetrade_webhooks"):
            assert (await connection.execute(text(change))).rowcount == 0


@pytest.mark.parametrize(
    "moved",
    [
        "UPDATE connections SET authorization_id = "
        "(SELECT authorization_id FROM connections WHERE id = 'con_2') WHERE id = 'con_1'",
        "UPDATE connections SET authorization_id = client_secret WHERE id = 'con_1'",
        "UPDATE connections SET authorization_id = "
        "(SELECT authorization_id FROM connections WHERE id = 'con_3') WHERE id = 'con_1'",
        "UPDATE tenants SET data_key = (SELECT data_key FROM tenants WHERE id = 'ten_2') WHERE id = 'ten_1'",
        "UPDATE tenants t SET data_key = o.data_key, login_secret = o.login_secret FROM tenants o "
        "WHERE o.id = 'ten_2' AND t.id = 'ten_1'",
    ],
    ids=["other tenant", "other field", "other connection", "other key", "other tenant with its key"],
)
async def test_a_moved_secret_does_not_open(database_url: str, transactions: PostgresTransactions, moved: str) -> None:
    async with transactions.begin("ten_1") as t:
        await t.connections.add(a_connection(3, tenant=1), ConnectionSecrets(Secret("another")))
        assert (await t.connections.secrets("con_1")).authorization_id.reveal() == PLANTED[1]
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        await connection.execute(moved.encode())
    async with transactions.begin("ten_1") as t:
        with pytest.raises(OperatorMends) as caught:
            await (t.account() if "tenants" in moved else t.connections.secrets("con_1"))
    assert caught.value.code == "SECRET_UNREADABLE"
    assert not any(secret in repr(caught.value) for secret in PLANTED)


@pytest.mark.usefixtures("transactions")
async def test_the_stored_bytes_show_no_secret(database_url: str) -> None:
    columns = (
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
        " AND data_type IN ('text', 'character varying', 'jsonb', 'bytea', 'ARRAY')"
    )
    dump = b""
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        for table, column in await (await connection.execute(columns)).fetchall():
            cells = sql.SQL("SELECT {}::text FROM {}").format(sql.Identifier(column), sql.Identifier(table))
            for (cell,) in await (await connection.execute(cells)).fetchall():
                raw = bytes.fromhex(cell[2:]) if str(cell).startswith("\\x") else b""
                dump += str(cell).encode() + b"\n" + raw + b"\n"
    assert b"spectrum.example.com" in dump, "the dump has what was stored"
    assert key_id(MASTER_KEY) in dump, "and the raw bytes"
    for secret in (*(planted.encode() for planted in PLANTED), MASTER_KEY):
        assert secret not in dump
        assert secret.hex().encode() not in dump
