"""A database of one's own: what was asked for is verified in every session, behind Debian's pgbouncer, too."""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.testing import capture_logs

from adapters.bootstrap.worker import work_on
from adapters.outbound.postgres.change_feed import PostgresChangeFeed
from adapters.outbound.postgres.operations.resealing import only_rotation
from adapters.outbound.postgres.server import session, watch
from adapters.outbound.postgres.server.migrate import migrate
from adapters.outbound.postgres.server.role import TIME_OUTS, address_of, as_role_dsn
from adapters.outbound.postgres.server.schema import require_schema, require_schema_on
from adapters.outbound.postgres.server.session import verify_session
from adapters.outbound.postgres.server.watch import DatabaseWatch
from adapters.outbound.postgres.transactions import PostgresTransactions, make_engine
from core.model.shared.errors import OperatorMends, TimeMends
from ports.change_feed import send_topic
from tests.support.own_server import OwnServer, own_server, pooled, pooler
from tests.support.storage_scene import a_send, furnish, transactions_on

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[3]
SOON = 30.0
LOGIN = "through_a_pooler"
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def server() -> Iterator[OwnServer]:
    with own_server() as server:
        run(server, f"CREATE ROLE {LOGIN} LOGIN")
        yield server


@pytest.fixture
async def name(server: OwnServer) -> AsyncIterator[str]:
    """A migrated database with two tenants."""
    name = f"own_{next(_numbers)}"
    run(server, f"CREATE DATABASE {name}")
    await migrate(server.url(name))
    run(server, f"GRANT jobferry_app TO {LOGIN}", f"ALTER ROLE {LOGIN} SET role = 'jobferry_app'")
    run(server, *(f"ALTER ROLE {LOGIN} SET {setting} = '{most}'" for setting, most in TIME_OUTS.items()))
    engine = make_engine(server.url(name))
    await furnish(engine)
    await engine.dispose()
    yield name
    run(server, f"DROP DATABASE {name} WITH (FORCE)")


def run(server: OwnServer, *statements: str, database: str = "postgres") -> None:
    with psycopg.connect(server.url(database), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


async def refusal_of(url: str) -> OperatorMends:
    """Why Jobferry does not start on this database."""
    with pytest.raises(OperatorMends) as at_start:
        await require_schema(url)
    return at_start.value


async def refusal_of_a_session(url: str) -> OperatorMends:
    """Why no pool gives a session of this database."""
    engine = make_engine(url)
    with pytest.raises(OperatorMends) as caught:
        async with transactions_on(engine).begin("ten_1") as t:
            await t.sends.page()
    assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    await engine.dispose()
    return caught.value


async def test_a_server_of_debians_serves(server: OwnServer, name: str) -> None:
    await require_schema(server.url(name))


@pytest.mark.parametrize("mode", ["session", "transaction"])
async def test_a_pooler_that_drops_the_options_is_refused_before_anything_is_read(
    server: OwnServer, name: str, mode: str
) -> None:
    """The address has a superuser, so every tenant would be visible."""
    with pooler(server, mode) as folder:
        url = pooled(folder, name)
        with psycopg.connect(url, autocommit=True) as connection:
            assert connection.execute("SELECT count(*) FROM tenants").fetchone() == (2,)
        for refused in (await refusal_of(url), await refusal_of_a_session(url)):
            assert refused.code == "DATABASE_UNSUITABLE"
            assert "it runs as postgres, not as jobferry_app" in refused.message
            assert "statement_timeout 0" in refused.message
            assert "pooler" in refused.message
            assert "docs/operators.md" in refused.fix


async def test_the_other_sessions_of_a_process_are_verified_too(server: OwnServer, name: str) -> None:
    with pooler(server, "session") as folder:
        url = pooled(folder, name)
        with pytest.raises(OperatorMends):
            async with only_rotation(url):
                pass
        with capture_logs() as log:
            async with PostgresChangeFeed(url) as feed:
                with feed.subscribe(send_topic("snd_1")) as changes:
                    async with asyncio.timeout(SOON):
                        while not log:
                            await changes.next(0.05)
                assert not feed.listening
        assert "it runs as postgres" in log[0]["detail"]
        connection = await psycopg.AsyncConnection.connect(as_role_dsn(url))
        with pytest.raises(OperatorMends):
            await verify_session(connection)
        assert connection.closed


async def test_a_worker_takes_work_only_on_sessions_that_were_verified(
    server: OwnServer, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken, refused, several, stop = asyncio.Event(), asyncio.Event(), asyncio.Event(), asyncio.Event()
    sessions: set[int] = set()
    refusing = True

    async def drain(*_: object) -> bool:
        taken.set()
        return False

    async def verify(connection: psycopg.AsyncConnection[object]) -> None:
        await verify_session(connection)
        if refusing:
            refused.set()
            raise OperatorMends("Not this one.")
        sessions.add(connection.info.backend_pid)
        if len(sessions) >= 2:  # the queue's pool and its listener
            several.set()

    monkeypatch.setattr("adapters.bootstrap.worker.verify_session", verify)
    engine = make_engine(server.url(name))
    async with transactions_on(engine).begin("ten_1") as t:
        await t.connections.wake("con_1", None)
    working = asyncio.create_task(work_on(server.url(name), drain, stop=stop))
    async with asyncio.timeout(SOON):
        await refused.wait()
        assert not taken.is_set()
        refusing = False
        await taken.wait()
        await several.wait()
    stop.set()
    await working
    await engine.dispose()


async def test_a_pooler_that_refuses_the_options_is_quoted(server: OwnServer, name: str) -> None:
    with pooler(server, "session", ignore_startup_parameters="extra_float_digits") as folder:
        refused = await refusal_of(pooled(folder, name))
    assert refused.code == "DATABASE_UNSUITABLE"
    assert "unsupported startup parameter" in refused.message
    assert "\n" not in refused.message
    assert "docs/operators.md" in refused.fix


@pytest.mark.parametrize("round_robin", [0, 1])
@pytest.mark.parametrize(
    ("mode", "words"), [("transaction", "A pooler in transaction mode"), ("statement", "statement pooling mode")]
)
async def test_a_pooler_that_changes_the_session_between_transactions_is_refused(
    server: OwnServer, name: str, mode: str, words: str, round_robin: int
) -> None:
    """Its login starts with the role and the time-outs, so that each single session is as it should be."""
    with pooler(server, mode, LOGIN, server_round_robin=round_robin) as folder:
        url = pooled(folder, name, LOGIN)
        for _ in range(3):  # whatever server processes the pool has by then
            refused = await refusal_of(url)
            assert refused.code == "DATABASE_UNSUITABLE"
            assert words in refused.message
            await asyncio.gather(*(ask(url) for _ in range(3)))


async def ask(url: str) -> None:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute("SELECT pg_sleep(0.05)")


@pytest.mark.long
async def test_a_pooler_without_a_second_session_is_refused(
    server: OwnServer, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.outbound.postgres.server.pooler._PATIENCE_SECONDS", 0.5)
    with pooler(server, "session", LOGIN, default_pool_size=1) as folder:
        assert "no second session" in (await refusal_of(pooled(folder, name, LOGIN))).message


async def test_behind_a_pooler_in_session_mode_a_login_that_starts_with_the_role_works(
    server: OwnServer, name: str
) -> None:
    taken, stop = asyncio.Event(), asyncio.Event()

    async def drain(*_: object) -> bool:
        taken.set()
        return False

    with pooler(server, "session", LOGIN, default_pool_size=30) as folder:
        url = pooled(folder, name, LOGIN)
        await require_schema(url)
        engine = make_engine(url)
        await require_schema_on(engine)
        transactions = transactions_on(engine)
        async with transactions.begin("ten_1") as t:
            await t.sends.add(a_send())
            await t.sends.watch("snd_1", 60)
        async with transactions.begin("ten_2") as t:
            assert await t.sends.page() == []
        async with PostgresChangeFeed(url) as feed:
            with feed.subscribe(send_topic("snd_1")) as changes:
                async with asyncio.timeout(SOON):
                    while not feed.listening:
                        await changes.next(SOON)
        working = asyncio.create_task(work_on(url, drain, stop=stop))
        async with transactions.begin("ten_1") as t:
            await t.connections.wake("con_1", None)
        async with asyncio.timeout(SOON):
            await taken.wait()
        stop.set()
        await working
        await engine.dispose()


HABITS = {
    "search_path": "others, pg_catalog, public",
    "row_security": "off",
    "DateStyle": "German",
    "IntervalStyle": "sql_standard",
    "TimeZone": "'Asia/Tokyo'",
    "default_transaction_isolation": "serializable",
    "extra_float_digits": "-15",
    "standard_conforming_strings": "off",
    "statement_timeout": "'1ms'",
    "lock_timeout": "'1ms'",
    "idle_in_transaction_session_timeout": "'1ms'",
    "idle_session_timeout": "'50ms'",
}
SCHEMA_OF_OTHERS = (
    "CREATE SCHEMA {0}",
    "CREATE TABLE {0}.sends (id text)",
    "CREATE TABLE {0}.tenants (id text, slug text)",
    "CREATE TABLE {0}.alembic_version (version_num text)",
    "CREATE FUNCTION {0}.now() RETURNS timestamptz LANGUAGE sql AS $$ SELECT timestamptz 'epoch' $$",
    "GRANT ALL ON SCHEMA {0} TO public",
    "GRANT ALL ON ALL TABLES IN SCHEMA {0} TO public",
)


@pytest.mark.long
async def test_what_the_database_does_by_default_for_its_user_makes_no_difference(
    server: OwnServer, tmp_path: Path
) -> None:
    """Nor does a schema that has our role's name, which the usual search path has first."""
    url = server.url("habits", "somebody")
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "JOBFERRY_DATA_DIR": str(tmp_path)}
    run(server, "CREATE ROLE somebody LOGIN SUPERUSER", "CREATE DATABASE habits OWNER somebody")
    run(server, *(f"ALTER ROLE somebody SET {setting} = {value}" for setting, value in HABITS.items()))
    for schema in ("others", "jobferry_app"):
        run(server, *(statement.format(schema) for statement in SCHEMA_OF_OTHERS), database="habits")
    for command, promise in (
        ("init", "The database (your PostgreSQL) is up to date"),
        ("doctor", "agrees with the database's within"),
    ):
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "adapters.bootstrap", command),
            env=environment | {"JOBFERRY_DATABASE_URL": url},
            stdout=PIPE,
            stderr=PIPE,
        )
        said = "".join(text.decode() for text in await child.communicate())
        assert (promise in said, "Jobferry itself failed" in said) == (True, False), said
    engine = make_engine(url)
    await furnish(engine)
    async with transactions_on(engine).begin("ten_1") as t:
        await t.sends.add(a_send())
    await engine.dispose()
    with psycopg.connect(server.url("habits")) as connection:
        tables = ("public.sends", "others.sends", "jobferry_app.sends")
        stored = [connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone() for table in tables]
    assert stored == [(1,), (0,), (0,)]


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("search_path = others, public", "names are looked up in pg_catalog, others, public"),
        ("row_security = off", "row_security off"),
        ("datestyle = German", "datestyle German"),
        ("intervalstyle = sql_standard", "intervalstyle sql_standard"),
        ("default_transaction_isolation = serializable", "default_transaction_isolation serializable"),
    ],
)
async def test_a_pooled_login_whose_sessions_understand_statements_otherwise_is_refused(
    server: OwnServer, name: str, setting: str, words: str
) -> None:
    login = f"odd_{name}"
    run(server, "CREATE SCHEMA others", "GRANT USAGE ON SCHEMA others TO public", database=name)
    run(server, f"CREATE ROLE {login} LOGIN IN ROLE jobferry_app", f"ALTER ROLE {login} SET role = 'jobferry_app'")
    run(server, *(f"ALTER ROLE {login} SET {each} = '{most}'" for each, most in TIME_OUTS.items()))
    run(server, f"ALTER ROLE {login} SET {setting}")
    with pooler(server, "session", login) as folder:
        refused = await refusal_of_a_session(pooled(folder, name, login))
    assert (refused.code, words in refused.message) == ("DATABASE_UNSUITABLE", True), refused.message


@pytest.mark.parametrize(
    ("breaking", "mending", "words"),
    [
        ("ALTER TABLE sends NO FORCE ROW LEVEL SECURITY", "", "tables: sends."),
        ("ALTER TABLE sends DISABLE ROW LEVEL SECURITY", "", "tables: sends."),
        ("ALTER ROLE jobferry_app BYPASSRLS", "ALTER ROLE jobferry_app NOBYPASSRLS", "tenants"),
        ("ALTER ROLE jobferry_app SUPERUSER", "ALTER ROLE jobferry_app NOSUPERUSER", "tenants"),
    ],
)
async def test_row_level_security_that_does_not_hold_is_refused(
    server: OwnServer, name: str, breaking: str, mending: str, words: str
) -> None:
    run(server, breaking, database=name)
    try:
        for refused in (await refusal_of(server.url(name)), await refusal_of_a_session(server.url(name))):
            assert (refused.code, words in refused.message) == ("DATABASE_UNSUITABLE", True)
            assert "ALTER TABLE name FORCE" in refused.fix
    finally:
        if mending:
            run(server, mending)


async def test_a_database_that_lacks_letters_is_refused(server: OwnServer) -> None:
    run(server, "CREATE DATABASE plain ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    with pytest.raises(OperatorMends) as caught:
        await migrate(server.url("plain"))
    refused = caught.value
    assert refused.code == "DATABASE_UNSUITABLE"
    assert ("LATIN1" in refused.message, "ENCODING 'UTF8'" in refused.fix) == (True, True)


async def test_an_old_server_is_refused(server: OwnServer, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "OLDEST_SERVER", 99)
    assert "PostgreSQL 99 or newer" in (await refusal_of(server.url(name))).fix
    with pytest.raises(OperatorMends, match="The server is PostgreSQL"):
        await migrate(server.url(name))


async def test_of_several_hosts_the_one_that_accepts_writes_is_used(server: OwnServer, database_url: str) -> None:
    """The first host does not answer, and the second is read-only, as a standby is."""
    read_only = str(address_of(database_url).database)
    run(server, f"CREATE DATABASE {read_only}", f"ALTER DATABASE {read_only} SET default_transaction_read_only = on")
    writable = str(address_of(database_url).query["host"])
    hosts = ",".join(quote(host, safe="") for host in ("/nowhere", str(server.sockets), writable))
    url = f"postgresql://postgres@{hosts}/{read_only}"
    await require_schema(url)
    engine = make_engine(url)
    transactions = await furnish(engine)
    async with transactions.begin("ten_1") as t:
        await t.sends.add(a_send())
    await engine.dispose()
    only_two = f"postgresql://postgres@{hosts.rpartition(',')[0]}/{read_only}"
    with pytest.raises(OperatorMends, match="read-only") as caught:
        await require_schema(only_two)
    assert caught.value.code == "DATABASE_UNREACHABLE"
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    ("address", "host", "port"),
    [
        ("postgresql://me:p%40@a,b/x", "a,b", ","),
        ("postgresql://me:p%40@a:1,b:2/x", "a,b", "1,2"),
        ("postgresql://me:p%40@a,b:2/x?sslmode=require", "a,b", ",2"),
        ("postgresql://me:p%40@/x?host=a,b&port=1,2", "a,b", "1,2"),
        ("postgresql://me:p%40@[::1]:1,[::2]:2/x?target_session_attrs=any", "::1,::2", "1,2"),
    ],
)
def test_an_address_with_several_hosts_is_read_as_libpq_reads_it(address: str, host: str, port: str) -> None:
    read = psycopg.conninfo.conninfo_to_dict(as_role_dsn(address))
    assert (read["host"], read.get("port"), read["password"], read["dbname"]) == (host, port, "p@", "x")
    assert read["target_session_attrs"] == ("any" if "any" in address else "read-write")
    assert read.get("sslmode") == ("require" if "sslmode" in address else None)


@pytest.mark.parametrize("hosts", ["localhost:1", "localhost:1,localhost:2"])
@pytest.mark.parametrize("password", ["se@cret", "se:cret@", "a@,b@cret", "se@:cret/"])
def test_a_password_that_breaks_the_address_is_told_and_not_shown(password: str, hosts: str) -> None:
    with pytest.raises(OperatorMends) as caught:
        address_of(f"postgresql://me:{password}@{hosts}/x")
    refused = caught.value
    assert (refused.code, "%40" in refused.fix) == ("DATABASE_UNREACHABLE", True)
    assert "cret" not in refused.message


class Told:
    """Stands for the log of the watch."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, dict[str, object]]] = []
        self._came = asyncio.Event()

    def warning(self, event: str, **data: object) -> None:
        self.lines.append((event, data))
        self._came.set()

    error = warning

    @property
    def events(self) -> list[str]:
        return [event for event, _ in self.lines]

    async def until(self, event: str) -> None:
        async with asyncio.timeout(SOON):
            while event not in self.events:
                self._came.clear()
                await self._came.wait()


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    told = Told()
    monkeypatch.setattr(watch, "_log", told)
    monkeypatch.setattr(watch, "_LOOK_SECONDS", 0.01)
    return told


async def test_the_log_says_once_that_the_database_went_each_minute_and_once_that_it_is_back(
    server: OwnServer, name: str, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "_TOLD_SECONDS", 0.2)
    engine = make_engine(server.url(name))
    transactions = await furnished(engine)
    async with DatabaseWatch(server.url(name)) as looking:
        looking.follow(engine)
        await asyncio.to_thread(server.stop_at_once)
        for _ in range(20):
            with pytest.raises(TimeMends):
                async with transactions.begin("ten_1") as t:
                    await t.sends.page()
        await told.until("database.still_away")
        await asyncio.to_thread(server.start)
        await told.until("database.back")
        async with transactions.begin("ten_1") as t:
            await t.sends.page()
    await engine.dispose()
    assert (told.events[0], told.events[-1]) == ("database.away", "database.back")
    assert set(told.events[1:-1]) == {"database.still_away"}
    assert "connection" in str(told.lines[0][1]["reason"])


async def test_a_process_that_has_nothing_to_do_notices_too(
    server: OwnServer, name: str, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "_ASKED_SECONDS", 0.01)
    engine = make_engine(server.url(name))
    await furnished(engine)
    async with DatabaseWatch(server.url(name)) as looking:
        looking.follow(engine)
        await asyncio.to_thread(server.stop_at_once)
        await told.until("database.away")
        await asyncio.to_thread(server.start)
        await told.until("database.back")
    await engine.dispose()
    assert told.events == ["database.away", "database.back"]


async def furnished(engine: AsyncEngine) -> PostgresTransactions:
    """On a database with tenants, and with one session in the pool."""
    transactions = transactions_on(engine)
    async with transactions.begin("ten_1") as t:
        await t.sends.page()
    return transactions


async def test_a_read_only_database_is_away_and_a_single_lost_session_is_not(
    server: OwnServer, name: str, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = make_engine(server.url(name), pool_size=1)
    transactions = await furnished(engine)
    looked = asyncio.Event()
    why_away = DatabaseWatch._why_away

    async def look(self: DatabaseWatch) -> str:
        reason = await why_away(self)
        looked.set()
        return reason

    monkeypatch.setattr(DatabaseWatch, "_why_away", look)
    async with DatabaseWatch(server.url(name)) as looking:
        looking.follow(engine)
        with pytest.raises(TimeMends):
            async with transactions.begin("ten_1") as t:
                run(server, END_SESSIONS.format(name))
                await t.sends.page()
        async with asyncio.timeout(SOON):
            await looked.wait()
        assert told.lines == []
        run(server, f"ALTER DATABASE {name} SET default_transaction_read_only = on", END_SESSIONS.format(name))
        with pytest.raises(TimeMends):
            async with transactions.begin("ten_1") as t:
                await t.sends.add(a_send())
        await told.until("database.away")
        run(server, f"ALTER DATABASE {name} RESET default_transaction_read_only")
        await told.until("database.back")
    assert told.events == ["database.away", "database.back"]
    assert told.lines[0][1]["reason"] == "The database is read-only."
    await engine.dispose()


END_SESSIONS = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{}'"
