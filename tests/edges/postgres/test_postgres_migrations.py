"""Bringing up a database: again, at once from many, as a user with few rights, and the server that comes along."""

from __future__ import annotations

import asyncio
import itertools
import os
import re
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.outbound.postgres.due_work import PostgresDueWork
from adapters.outbound.postgres.server.embedded import EmbeddedPostgres
from adapters.outbound.postgres.server.migrate import _LOCK, migrate
from adapters.outbound.postgres.server.role import as_role, as_role_dsn
from adapters.outbound.postgres.server.schema import MIGRATIONS, REVISIONS, require_schema, schema_state
from adapters.outbound.postgres.tables import metadata, owners
from adapters.outbound.postgres.transactions import make_engine
from core.model.connections.settings import OnCompletion
from core.model.sending.lifecycle.event import NumberClaim
from core.model.shared.errors import OperatorMends
from core.model.work_orders.cost_line import ItemsMode, LineState
from ports.storage.due_work import Slots, WorkKind
from tests.support.passable import let_pass
from tests.support.storage_scene import NOW, a_line, a_send, begin_line, furnish, queued, stored

_numbers = itertools.count(1)

MIGRATE = """
import asyncio, sys
from adapters.outbound.postgres.server.migrate import migrate

asyncio.run(migrate(sys.argv[1]))
"""

SHARE_THE_SERVER = """
import sys
from pathlib import Path
from adapters.outbound.postgres.server.embedded import EmbeddedPostgres

server = EmbeddedPostgres.start(Path(sys.argv[1]))
print(server.url, flush=True)
sys.stdin.readline()
server.close()
print("closed", flush=True)
"""


@pytest.fixture
def empty_url(server_url: str) -> Iterator[str]:
    name = f"empty_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[str]:
    """A server of this test's own, as roles belong to the whole server."""
    server = EmbeddedPostgres.start(tmp_path)
    yield server.url
    server.close()


def test_the_known_revisions_are_those_of_alembic() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()] == [*REVISIONS[::-1]]


async def test_an_empty_database_says_what_is_missing(empty_url: str) -> None:
    state = await schema_state(empty_url)
    assert state.current is None
    assert not state.up_to_date
    with pytest.raises(OperatorMends, match="missing") as caught:
        await require_schema(empty_url)
    assert caught.value.code == "SCHEMA_BEHIND"
    await migrate(empty_url)
    assert (await schema_state(empty_url)).up_to_date
    await require_schema(empty_url)


async def test_migrating_again_changes_nothing(database_url: str, engine: AsyncEngine) -> None:
    transactions = await furnish(engine)
    await migrate(database_url)
    async with transactions.begin_instance() as i:
        assert len(await i.tenants.all()) == 2


@pytest.mark.long
async def test_four_processes_migrate_at_once(empty_url: str) -> None:
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    async with await psycopg.AsyncConnection.connect(empty_url, autocommit=True) as first:
        await first.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
        processes = [await asyncio.create_subprocess_exec(sys.executable, "-c", MIGRATE, empty_url) for _ in range(4)]
        async with asyncio.timeout(60):
            while await (await first.execute(waiting)).fetchone() != (4,):
                pass
    assert [await process.wait() for process in processes] == [0] * 4
    await require_schema(empty_url)


@pytest.mark.parametrize("ask", [migrate, require_schema])
async def test_a_schema_of_another_version_is_refused_and_left_as_it_is(
    database_url: str, ask: Callable[[str], Awaitable[None]]
) -> None:
    """Of a newer version, or of one from before the first release."""
    with psycopg.connect(database_url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(OperatorMends, match="9999") as caught:
        await ask(database_url)
    assert caught.value.code == "SCHEMA_BEHIND"
    assert "init" not in caught.value.fix, "it would not help"
    assert (await schema_state(database_url)).current == "9999"


def test_after_a_migration_the_database_has_what_the_tables_say(database_url: str) -> None:
    """Columns, types, defaults, keys, unique constraints and indexes. Alembic does not compare primary keys."""

    def ours(_: object, name: str | None, kind: str, *__: object) -> bool:
        return kind != "table" or not (name or "").startswith("procrastinate")

    engine = create_engine(make_url(database_url).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        compared = {"compare_type": True, "compare_server_default": True, "include_object": ours}
        assert compare_metadata(MigrationContext.configure(connection, opts=compared), metadata) == []
        seen = inspect(connection)
        for table in metadata.tables.values():
            primary_key = seen.get_pk_constraint(table.name)["constrained_columns"]
            assert primary_key == [column.name for column in table.primary_key], table.name
    engine.dispose()


def test_the_functions_and_triggers_are_those_of_the_files(database_url: str) -> None:
    """Each upgrade runs the files. What they do not name any more, a migration has to drop."""
    text = "".join(file.read_text() for file in (MIGRATIONS / "sql").glob("*.sql"))
    with psycopg.connect(database_url) as connection:
        functions = connection.execute(
            "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proname !~ '^procrastinate_'"
        ).fetchall()
        triggers = connection.execute(
            "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgname !~ '^procrastinate_'"
        ).fetchall()
    assert sorted(name for (name,) in functions) == sorted(re.findall(r"(?m)^CREATE OR REPLACE FUNCTION (\w+)", text))
    assert sorted(name for (name,) in triggers) == sorted(re.findall(r"(?m)^CREATE OR REPLACE TRIGGER (\w+)", text))


def test_each_table_of_a_tenant_has_the_policy_that_keeps_tenants_apart(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        bound = connection.execute(
            "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity"
            " AND relnamespace = 'public'::regnamespace"
        ).fetchall()
        policies = connection.execute(
            "SELECT tablename, qual, with_check FROM pg_policies WHERE policyname = 'tenant_only' AND cmd = 'ALL'"
        ).fetchall()
    assert {name for (name,) in bound} == owners().keys() | {"operator_audit"}, "which is of no tenant"
    assert {name for name, *_ in policies} == owners().keys()
    for name, seen, written in policies:
        assert seen == written
        asked = "current_setting('app.tenant'::text, true)"
        of_all_rows = f"( SELECT {asked} AS current_setting)"
        assert f"({owners()[name]} = {asked})" in seen or f"({owners()[name]} = {of_all_rows})" in seen, name


async def test_migrating_again_does_not_open_the_audit(database_url: str) -> None:
    """The rights are granted each time."""
    await migrate(database_url)
    with psycopg.connect(database_url) as connection:
        allowed = connection.execute(
            "SELECT has_table_privilege('jobferry_app', 'audit', 'INSERT'),"
            " has_table_privilege('jobferry_app', 'audit', 'UPDATE, DELETE, TRUNCATE')"
        ).fetchone()
    assert allowed == (True, False)


async def test_a_connection_that_was_stored_before_a_setting_existed_has_its_default(
    database_url: str, engine: AsyncEngine
) -> None:
    transactions = await furnish(engine)
    async with transactions.begin("ten_1") as t:
        stored = await t.connections.get("con_1")
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "UPDATE connections SET settings = (SELECT jsonb_object_agg(key, value) FROM jsonb_each(settings)"
            " WHERE key IN ('name', 'company_code', 'endpoint_url'))"
        )
    async with transactions.begin("ten_1") as t:
        assert await t.connections.get("con_1") == stored
    assert (stored.on_completion, stored.items_on_resend) == (OnCompletion.OFF, ItemsMode.NEW_ONLY)


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE cost_lines SET state = 'lost'", "state_check"),
        ("UPDATE cost_lines SET state = 'sending', attempt_id = NULL", "cost_lines_check"),
        ("UPDATE cost_lines SET state = 'posted', attempt_id = NULL", "cost_lines_check"),
        ("UPDATE cost_lines SET state = 'posted', attempt_id = 'x', given_back = true", "cost_lines_given_back"),
        ("UPDATE cost_lines SET state = 'in_doubt', attempt_id = 'x', given_back = true", "cost_lines_given_back"),
        (
            'INSERT INTO cost_lines SELECT (jsonb_populate_record(l, \'{"id": "lin_9"}\')).* FROM cost_lines l LIMIT 1',
            "cost_lines_place",
        ),
    ],
)
async def test_the_ledgers_table_refuses_what_no_query_may_write(
    database_url: str, engine: AsyncEngine, statement: str, constraint: str
) -> None:
    transactions = await furnish(engine)
    async with transactions.begin("ten_1") as t:
        await t.sends.add(a_send())
        await t.ledger.save([a_line(1), a_line(2)])
    with psycopg.connect(database_url) as connection, pytest.raises(psycopg.IntegrityError, match=constraint):
        connection.execute(statement.encode())


async def test_an_intent_keeps_the_lease_and_the_hash_it_was_stored_under(
    database_url: str, engine: AsyncEngine
) -> None:
    """For people who look into a doubt; no query reads them."""
    transactions = await furnish(engine)
    async with transactions.begin("ten_1") as t:
        await t.sends.add(a_send())
        await t.ledger.save([a_line()])
        begun = await begin_line(t, epoch=7)
    async with transactions.begin("ten_1") as t:
        await t.ledger.save([replace(begun, state=LineState.IN_DOUBT)])
    with psycopg.connect(database_url) as connection:
        stored = connection.execute("SELECT epoch, payload_hash, fields->>'Quantity_Used' FROM cost_lines").fetchone()
    assert stored == (7, "hash", "12.50")


@pytest.mark.long
@pytest.mark.parametrize("may_make_roles", [True, False])
async def test_a_plain_owner_can_set_up_a_database_and_the_service_works_on_it(
    tmp_path: Path, may_make_roles: bool
) -> None:
    """On a server of its own, as the role belongs to the whole server."""
    let_pass(tmp_path)
    server = await asyncio.to_thread(EmbeddedPostgres.start, tmp_path)
    try:
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute(f"CREATE ROLE owner LOGIN {'CREATEROLE' if may_make_roles else ''}".encode())
            connection.execute("CREATE DATABASE ours OWNER owner")
        url = make_url(server.url).set(username="owner", database="ours").render_as_string(hide_password=False)
        if not may_make_roles:
            with pytest.raises(OperatorMends) as caught:
                await migrate(url)
            assert caught.value.code == "DATABASE_ROLE_MISSING"
            assert (await schema_state(url)).current is None
            with psycopg.connect(server.url, autocommit=True) as connection:  # what the message asks for
                for statement in caught.value.fix.partition(": ")[2].replace("the_user_of_the_url", "owner").split(";"):
                    if statement.strip():
                        connection.execute(statement.encode())
        await migrate(url)
        await migrate(url)
        engine = make_engine(url)
        transactions = await furnish(engine)
        async with transactions.begin("ten_1") as t:
            assert (await t.connections.get("con_1")).slug == "main-1"
            await stored(t, await t.sends.add(a_send()), take=NumberClaim((b"number",), b"ten_1"))
            await t.connections.wake("con_1", None)
            await t.completions.set_due(NOW, only_earlier=False)
        # The function runs as the owner, whom row-level security binds as well.
        await PostgresDueWork(engine).admit(list(WorkKind), Slots(5, 5), worker_id=None, stalled=12)
        async with transactions.begin_instance() as i:
            assert (await i.stats()).connections == 2
        await engine.dispose()
        assert sorted(await queued(url)) == [("con_1", "todo"), ("ten_1", "todo")]
        with psycopg.connect(url) as connection:
            found = connection.execute("SELECT count(*) FROM connections").fetchone()
            assert found == (0,), "row-level security binds the owner too"
    finally:
        await asyncio.to_thread(server.close)


@pytest.mark.long
async def test_a_role_that_its_maker_may_not_become_yet_is_made_usable(own_server: str) -> None:
    with psycopg.connect(own_server, autocommit=True) as connection:
        connection.execute("CREATE ROLE owner LOGIN CREATEROLE")
        connection.execute("CREATE DATABASE ours OWNER owner")
    url = make_url(own_server).set(username="owner", database="ours").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE ROLE jobferry_app NOLOGIN")
    await migrate(url)
    engine = make_engine(url)
    await furnish(engine)
    await engine.dispose()


@pytest.mark.long
async def test_a_dump_restored_to_another_server_is_refused_until_init_ran(own_server: str) -> None:
    """It has neither the role nor its rights."""
    await migrate(own_server)
    with psycopg.connect(own_server, autocommit=True) as connection:
        connection.execute("DROP OWNED BY jobferry_app")
        with pytest.raises(OperatorMends) as caught:
            await require_schema(own_server)
        assert (caught.value.code, "jobferry init" in caught.value.fix) == ("DATABASE_ROLE_MISSING", True)
        connection.execute("DROP ROLE jobferry_app")
    with pytest.raises(OperatorMends):
        await require_schema(own_server)
    await migrate(own_server)
    await require_schema(own_server)
    engine = make_engine(own_server)
    transactions = await furnish(engine)
    async with transactions.begin("ten_1") as t:
        await stored(t, await t.sends.add(a_send()), take=NumberClaim((b"number",), b"ten_1"))
        await t.connections.wake("con_1", None)
    await engine.dispose()


@pytest.mark.parametrize("ask", [migrate, schema_state, require_schema])
async def test_an_unreachable_database_is_named_without_its_password(ask: object) -> None:
    with pytest.raises(OperatorMends) as caught:
        await ask("postgresql://me:PLANTED@127.0.0.1:1/jobferry")  # type: ignore[operator]
    assert caught.value.code == "DATABASE_UNREACHABLE"
    assert "127.0.0.1" in caught.value.message
    assert "PLANTED" not in caught.value.message + caught.value.fix


def test_the_options_of_the_url_are_kept_and_the_role_comes_last() -> None:
    url = as_role(
        "postgresql://me:pass@db.example.com/x?options=-c%20role%3Dpostgres&connect_timeout=3&sslmode=require"
    )
    assert url.drivername == "postgresql+psycopg"
    assert url.query["connect_timeout"] == "3"
    assert url.query["sslmode"] == "require"
    assert str(url.query["options"]).startswith("-c role=postgres -c role=jobferry_app ")
    plain = psycopg.conninfo.conninfo_to_dict(as_role_dsn("postgresql://me:p%40+%20s@/x?host=/a+b&port=7"))
    assert (plain["user"], plain["password"], plain["dbname"]) == ("me", "p@+ s", "x")
    assert (plain["host"], plain["port"]) == ("/a+b".replace("+", " "), "7")
    assert str(plain["options"]).startswith("-c role=jobferry_app ")


@pytest.mark.long
async def test_processes_share_one_embedded_server_and_the_last_one_stops_it(tmp_path: Path) -> None:
    let_pass(tmp_path)
    first, second, killed = [await _sharer(tmp_path) for _ in range(3)]
    try:
        urls = {await _line(process) for process in (first, second, killed)}
        assert len(urls) == 1
        url = urls.pop()
        killed.kill()
        await killed.wait()
        await _close(first)
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        await _close(second)
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(url)
        assert not (tmp_path / "postgres" / "postmaster.pid").exists()
    finally:
        for process in (first, second, killed):
            if process.returncode is None:
                process.kill()
                await process.wait()
        await asyncio.to_thread(EmbeddedPostgres.start(tmp_path).close)


async def _sharer(folder: Path) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", SHARE_THE_SERVER, str(folder), stdin=pipe, stdout=pipe
    )


async def _line(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(60):
        return (await process.stdout.readline()).decode().strip()


async def _close(process: asyncio.subprocess.Process) -> None:
    assert process.stdin is not None
    process.stdin.write(b"\n")
    await process.stdin.drain()
    assert await _line(process) == "closed"
    await process.wait()
