"""Backups of a real database by the user who owns it: every row of every tenant is in the file, or there is no file."""

from __future__ import annotations

import asyncio
import itertools
import os
import re
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from adapters.outbound.ids import UlidIds
from adapters.outbound.memory.remote.intent_mark import MemoryIntentMark
from adapters.outbound.postgres.server import backup
from adapters.outbound.postgres.server.backup import RowCounts, count_rows, make_backup, program, read_backup
from adapters.outbound.postgres.server.load_backup import load_backup
from adapters.outbound.postgres.server.migrate import migrate
from adapters.outbound.postgres.server.role import as_role_dsn
from adapters.outbound.postgres.server.schema import require_schema
from adapters.outbound.postgres.transactions import make_engine
from core.model.catalogue import finding
from core.model.connections.connection import ItemsHold
from core.model.notifications.notice import NoticeKind
from core.model.shared.errors import BadInput, Conflict, OperatorMends
from core.services.sending.hold_restored import HoldItems, HoldRestored, restored
from tests.support.notification_scene import SECRETS, a_recipient
from tests.support.own_server import OwnServer, own_server
from tests.support.released.load import add_rows_of_newer_tables, load_release
from tests.support.storage_scene import NOW, a_send, furnish, transactions_on

ROOT = Path(__file__).parents[3]
QUIET = timedelta(minutes=15)
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def server() -> Iterator[OwnServer]:
    """With `plain`, who owns databases and is no superuser: row-level security applies to what this user reads."""
    with own_server() as server:
        run(server, "CREATE ROLE plain LOGIN", "CREATE ROLE jobferry_app NOLOGIN", "GRANT jobferry_app TO plain")
        yield server


def run(server: OwnServer, *statements: str) -> None:
    with psycopg.connect(server.url(), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


@pytest.fixture
def empty(server: OwnServer) -> str:
    """An empty database of `plain`."""
    name = f"backups_{next(_numbers)}"
    run(server, f"CREATE DATABASE {name} OWNER plain")
    return server.url(name, "plain")


@pytest.fixture
async def filled(server: OwnServer) -> str:
    """A database of `plain` with two tenants and a send of each."""
    name = f"backups_{next(_numbers)}"
    run(server, f"CREATE DATABASE {name} OWNER plain")
    url = server.url(name, "plain")
    await migrate(url)
    engine = make_engine(url)
    await furnish(engine)
    for number in (1, 2):
        async with transactions_on(engine).begin(f"ten_{number}") as t:
            await t.sends.add(a_send(id=f"snd_{number}", tenant_id=f"ten_{number}", connection_id=f"con_{number}"))
    await engine.dispose()
    return url


@pytest.fixture(scope="module")
def full(server: OwnServer) -> str:
    """A database of `plain` with a row or more in every table: those of the former release, upgraded, and of newer
    tables."""
    run(server, "CREATE DATABASE upgraded", "CREATE DATABASE all_rows OWNER plain")
    upgraded, url = server.url("upgraded"), server.url("all_rows", "plain")
    load_release(upgraded)
    for one in (upgraded, url):
        asyncio.run(migrate(one))
    add_rows_of_newer_tables(upgraded)
    options = (
        "--data-only",
        "--inserts",
        "--rows-per-insert=500",
        "--schema=public",
        "--exclude-table=alembic_version",
    )
    said = subprocess.run((program("pg_dump"), *options, upgraded), check=True, capture_output=True, text=True)
    rows = "\n".join(one for one in said.stdout.splitlines() if not one.startswith(("\\", "SET transaction_timeout")))
    with psycopg.connect(server.url("all_rows")) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(rows.encode())
    return url


def contents(server: OwnServer, url: str) -> dict[str, list[Any]]:
    """All rows of all tables; of connections and their due work without what a restore sets."""
    found = {}
    with psycopg.connect(url.replace("plain@", "postgres@")) as connection:
        for table in count_rows(connection):
            row = "to_jsonb(t)" + (" - 'items_hold'" if table == "connections" else "")
            rows = connection.execute(f"SELECT ({row})::text FROM public.{table} t ORDER BY 1".encode()).fetchall()
            found[table] = rows
    return found


def rows_of(server: OwnServer, url: str) -> dict[str, int]:
    """As the superuser sees them, whom row-level security does not bind."""
    with psycopg.connect(url.replace("plain@", "postgres@")) as connection:
        return dict(count_rows(connection))


def load(url: str, file: Path) -> RowCounts:
    return load_backup(url, file, hold=restored(), quiet=QUIET)


async def test_a_restored_backup_has_every_row_of_every_tenant_and_works(
    server: OwnServer, filled: str, empty: str, tmp_path: Path
) -> None:
    file = tmp_path / "a.backup"
    before = rows_of(server, filled)
    assert (before["tenants"], before["sends"]) == (2, 2)
    assert make_backup(filled, file) == read_backup(file) == before
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]
    assert load(empty, file) == rows_of(server, empty) == before
    await migrate(empty)
    await require_schema(empty)
    engine = make_engine(empty)
    async with transactions_on(engine).begin("ten_2") as t:
        assert (await t.sends.get("snd_2")).tenant_id == "ten_2"
    await engine.dispose()


def test_a_row_of_every_table_is_the_same_after_a_restore(
    server: OwnServer, full: str, empty: str, tmp_path: Path
) -> None:
    """Also what is sealed. A table that nobody thought of has no row here, or its owner does not see it."""
    before = make_backup(full, tmp_path / "a.backup")
    assert [table for table, number in before.items() if not number] == [], "of every table"
    assert load(empty, tmp_path / "a.backup") == before
    assert contents(server, empty) == contents(server, full)


@pytest.mark.long
async def test_no_connection_of_a_restored_backup_posts_items_from_the_moment_on_at_which_it_can_be_used(
    filled: str, empty: str, tmp_path: Path
) -> None:
    """A service that waits for the database may be quicker than the rest of the restore, which may also fail."""
    engine = make_engine(filled)
    async with transactions_on(engine).begin("ten_2") as t:
        was = ItemsHold(finding("DATABASE_RESTORED", "Of last year."), NOW, 7, quiet_until=NOW)
        await t.connections.set_items_hold("con_2", was)
    await engine.dispose()
    make_backup(filled, tmp_path / "a.backup")
    load(empty, tmp_path / "a.backup")

    await require_schema(empty)
    engine = make_engine(empty)
    transactions = transactions_on(engine)
    holds = []
    for number in (1, 2):
        async with transactions.begin(f"ten_{number}") as t:
            hold, now = (await t.connections.get(f"con_{number}")).items_hold, await t.now()
            assert hold
            assert hold.finding == restored()
            assert hold.too_fresh(now + QUIET / 2)
            assert not hold.too_fresh(now + QUIET)
            holds.append((hold.intents, hold.since == NOW))
    assert holds == [(0, False), (7, True)]

    async with transactions.begin("ten_1") as t:
        await t.notifications.add(a_recipient(), SECRETS)
    await HoldRestored(transactions, MemoryIntentMark(), HoldItems(UlidIds(), QUIET))(loaded=True)
    async with transactions.begin("ten_1") as t:
        assert [one.kind for one in await t.notifications.waiting("rcp_1")] == [NoticeKind.HELD]
        assert [one.finding for one in await t.warnings.beside_sends(limit=9)] == [restored()]
    await engine.dispose()


@pytest.mark.long
def test_what_the_service_may_not_do_it_may_not_do_in_the_restored_database(
    server: OwnServer, filled: str, empty: str, tmp_path: Path
) -> None:
    make_backup(filled, tmp_path / "a.backup")
    load(empty, tmp_path / "a.backup")
    found = []
    for url in (filled, empty):
        with psycopg.connect(url.replace("plain@", "postgres@")) as connection:
            rights = connection.execute(
                "SELECT 'function', proname, proacl::text, prosecdef::text FROM pg_proc"
                " WHERE pronamespace = 'public'::regnamespace"
                " UNION ALL SELECT 'table', relname, relacl::text, (relrowsecurity AND relforcerowsecurity)::text"
                " FROM pg_class WHERE relnamespace = 'public'::regnamespace"
                " UNION ALL SELECT 'policy', tablename || ' ' || policyname, qual, with_check FROM pg_policies"
                " UNION ALL SELECT 'trigger', tgname, tgenabled::text, tgrelid::regclass::text FROM pg_trigger"
                " WHERE NOT tgisinternal ORDER BY 1, 2, 3, 4"
            )
            found.append(rights.fetchall())
    assert found[0] == found[1]
    assert len(found[0]) > 150


@pytest.mark.long
def test_the_service_sees_no_more_with_the_setting_of_backups_also_inside_a_function_of_the_owner(filled: str) -> None:
    with psycopg.connect(filled, autocommit=True) as owner:
        owner.execute(
            "CREATE FUNCTION seen() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM sends'"
        )
        owner.execute("SET app.backup = 'on'")
        assert owner.execute("SELECT seen()").fetchone() == (2,), "the owner makes backups"
    with psycopg.connect(as_role_dsn(filled)) as service:
        service.execute("SELECT set_config('app.backup', 'on', false), set_config('app.tenant', 'ten_1', false)")
        assert service.execute("SELECT count(*) FROM sends").fetchone() == (1,)
        assert service.execute("SELECT seen()").fetchone() == (1,)


@pytest.mark.long
def test_a_file_that_is_cut_anywhere_is_refused_and_loads_nothing(
    server: OwnServer, filled: str, empty: str, tmp_path: Path
) -> None:
    make_backup(filled, tmp_path / "whole")
    content = (tmp_path / "whole").read_bytes()
    part = tmp_path / "part"
    for cut in range(1, 100):
        part.write_bytes(content[: -cut * len(content) // 100])
        with pytest.raises(BadInput, match="not a whole backup") as refused:
            read_backup(part)
        assert refused.value.code == "BACKUP_UNREADABLE"
    with pytest.raises(BadInput, match="not a whole backup"):
        load(empty, part)
    assert rows_of(server, empty) == {}


def test_a_backup_of_another_program_is_refused(server: OwnServer, tmp_path: Path) -> None:
    other = server.url("postgres")
    with psycopg.connect(other, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS others (id int)")
    with pytest.raises(BadInput, match="not a whole backup"):
        make_backup(other, tmp_path / "a.backup")
    assert not list(tmp_path.iterdir())


async def test_a_database_that_is_not_empty_stays_as_it_is(server: OwnServer, filled: str, tmp_path: Path) -> None:
    make_backup(filled, tmp_path / "a.backup")
    before = rows_of(server, filled)
    with pytest.raises(Conflict) as refused:
        load(filled, tmp_path / "a.backup")
    assert (refused.value.code, rows_of(server, filled)) == ("DATABASE_NOT_EMPTY", before)


@pytest.mark.long
def test_a_load_that_fails_in_its_middle_leaves_nothing(
    server: OwnServer, filled: str, empty: str, tmp_path: Path
) -> None:
    make_backup(filled, tmp_path / "a.backup")
    with psycopg.connect(empty, autocommit=True) as connection:
        connection.execute("CREATE FUNCTION public.census(interval) RETURNS int LANGUAGE sql AS 'SELECT 1'")
    with pytest.raises(OperatorMends, match="already exists") as failed:
        load(empty, tmp_path / "a.backup")
    assert (failed.value.code, rows_of(server, empty)) == ("BACKUP_FAILED", {})


def test_an_older_file_is_never_overwritten(filled: str, tmp_path: Path) -> None:
    file = tmp_path / "a.backup"
    file.write_text("the one of yesterday")
    with pytest.raises(BadInput, match="exists already"):
        make_backup(filled, file)
    assert file.read_text() == "the one of yesterday"


@pytest.mark.long
@pytest.mark.parametrize("links", [True, False], ids=["links", "no links"])
def test_a_file_that_somebody_makes_meanwhile_is_not_overwritten(
    filled: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    file = tmp_path / "a.backup"
    read = backup.read_backup

    def read_while_another_writes(unread: Path) -> RowCounts:
        file.write_text("the one of a colleague")
        return read(unread)

    monkeypatch.setattr(backup, "read_backup", read_while_another_writes)
    if not links:
        monkeypatch.setattr(os, "link", lambda *_, **__: os.stat("/no such file system"))
    with pytest.raises(BadInput, match="by somebody else meanwhile"):
        make_backup(filled, file)
    assert [one.read_text() for one in tmp_path.iterdir()] == ["the one of a colleague"]


def test_a_folder_that_is_not_there_is_a_wrong_argument(filled: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=re.escape(f"No file can be made in {tmp_path / 'gone'}")):
        make_backup(filled, tmp_path / "gone" / "one.backup")


def test_a_user_who_does_not_see_every_row_makes_no_backup(server: OwnServer, filled: str, tmp_path: Path) -> None:
    """Such a user counts fewer rows, and finds as many in the file."""
    with psycopg.connect(filled, autocommit=True) as owner:
        owner.execute("DROP POLICY backed_up ON sends")
    with pytest.raises(OperatorMends, match="does not see all rows of sends;") as hidden:
        make_backup(filled, tmp_path / "a.backup")
    assert hidden.value.code == "BACKUP_FAILED"
    database = filled.replace("plain@", "served@")
    run(server, "CREATE ROLE served LOGIN IN ROLE jobferry_app", "ALTER ROLE served SET role = 'jobferry_app'")
    with pytest.raises(OperatorMends, match="does not see all rows of .*tenants"):
        make_backup(database, tmp_path / "a.backup")
    assert not list(tmp_path.iterdir())


@pytest.mark.long
async def test_what_is_written_meanwhile_is_in_the_backup_whole_or_not_at_all(filled: str, tmp_path: Path) -> None:
    engine = make_engine(filled)
    transactions, stop, numbers = transactions_on(engine), asyncio.Event(), itertools.count(3)

    async def write() -> None:
        while not stop.is_set():
            number = next(numbers)
            async with transactions.begin("ten_1") as t:
                for half in ("a", "b"):
                    await t.sends.add(a_send(id=f"snd_{number}{half}", job_id=f"{number}{half}"))

    writing = asyncio.create_task(write())
    counted = [await asyncio.to_thread(make_backup, filled, tmp_path / f"{one}") for one in range(3)]
    stop.set()
    await writing
    await engine.dispose()
    assert [one["sends"] % 2 for one in counted] == [0, 0, 0]
    assert counted[0]["sends"] < counted[-1]["sends"]


@pytest.mark.long
def test_the_documented_lines_of_pg_dump_work(server: OwnServer, filled: str, empty: str, tmp_path: Path) -> None:
    """With the tools that this server came with."""
    text = (ROOT / "docs" / "operators.md").read_text(encoding="utf-8")
    lines = re.findall(r"^(?:PGOPTIONS=.*pg_dump|pg_restore) .*$", text, re.MULTILINE)
    assert len(lines) == 2
    path = f"{Path(server.starting[0]).parent}:{os.environ['PATH']}"
    for line, url in zip(lines, (filled, empty), strict=True):
        environment = {"PATH": path, "JOBFERRY_DATABASE_URL": url}
        subprocess.run(["/bin/sh", "-ec", line], cwd=tmp_path, env=environment, check=True)
    assert rows_of(server, empty) == rows_of(server, filled)
    asyncio.run(migrate(empty))
    asyncio.run(require_schema(empty))
