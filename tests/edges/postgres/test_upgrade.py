"""From the schema and the rows of the former release to this one, and the way back."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import os
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pydantic import SecretStr

from adapters.bootstrap import initialisation
from adapters.bootstrap.initialisation import Made, initialise
from adapters.bootstrap.settings import Settings
from adapters.outbound.postgres.migrations.statements import replace_functions
from adapters.outbound.postgres.server import migrate as migration
from adapters.outbound.postgres.server import schema
from adapters.outbound.postgres.server.backup import RowCounts, count_rows, make_backup, program, read_backup
from adapters.outbound.postgres.server.load_backup import load_backup
from adapters.outbound.postgres.server.migrate import migrate
from adapters.outbound.postgres.server.schema import MIGRATIONS, REVISIONS, require_schema, schema_state
from adapters.outbound.postgres.transactions import make_engine
from adapters.outbound.vault.master_key import text_of
from core.model.sending.send import SendState
from core.model.shared.errors import Conflict, OperatorMends
from core.model.work_orders.cost_line import LineState
from core.services.sending.hold_restored import restored
from ports.storage.send_requests import BoundKey
from tests.support.databases import create_database, database_of
from tests.support.released.load import RELEASED, load_release
from tests.support.released.scene import ITEMS, POSTED_BEFORE, item_of, job_id, line_of, open_office
from tests.support.storage_scene import MASTER_KEY, transactions_on, until_somebody_waits

_numbers = itertools.count(1)
RELEASED_FILES = {
    "functions.sql": "136895e994fee5cd",
    "policies.sql": "282d00dea38d6d2d",
    "queue.sql": "b36a5fa8fd873618",
    "tables.sql": "dbe2a2f2541d5378",
}
pytestmark = pytest.mark.usefixtures("databases")  # they make the role


class Former:
    """A database of the former release, and the settings that use it."""

    def __init__(self, server_url: str, folder: Path) -> None:
        self._server_url = server_url
        self.name = f"former_{os.getpid()}_{next(_numbers)}"
        create_database(server_url, self.name)
        self.url = database_of(server_url, self.name)
        self.folder = folder
        self.settings = Settings(
            data_dir=folder, database_url=SecretStr(self.url), encryption_key=SecretStr(text_of([MASTER_KEY]))
        )

    def load(self) -> None:
        load_release(self.url)

    def rows(self) -> RowCounts:
        with psycopg.connect(self.url) as connection:
            return {name: number for name, number in count_rows(connection).items() if name != "alembic_version"}

    def schema(self) -> str:
        """All of it in words."""
        command = (program("pg_dump"), "--schema-only", "--schema=public", "--no-owner", self.url)
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return "\n".join(line for line in said.splitlines() if not line.startswith(("\\restrict", "\\unrestrict")))

    def backups(self) -> list[Path]:
        return sorted((self.folder / "backups").glob("*"))

    def drop(self) -> None:
        with psycopg.connect(self._server_url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {self.name} WITH (FORCE)".encode())


@pytest.fixture
def empty(server_url: str, tmp_path: Path) -> Iterator[Former]:
    former = Former(server_url, tmp_path)
    yield former
    former.drop()


@pytest.fixture
def former(server_url: str, tmp_path: Path) -> Iterator[Former]:
    former = Former(server_url, tmp_path)
    former.load()
    yield former
    former.drop()


def upgraded(rows: RowCounts) -> RowCounts:
    """The same, and for each connection the moment at which its lists are read."""
    return {**rows, "due_work": rows["due_work"] + rows["connections"]}


def test_what_was_released_is_as_it_was() -> None:
    found = {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()[:16]
        for file in (MIGRATIONS / "released" / RELEASED).iterdir()
    }
    assert found == RELEASED_FILES


async def test_every_row_is_there_after_the_upgrade_and_in_the_backup_made_before(former: Former) -> None:
    before = former.rows()
    assert all(before.values()), "the release left rows in every table"
    made = await initialise(former.settings)
    assert (made.former, made.operator_key) == (RELEASED, None)
    [backup] = former.backups()
    assert made.backup == backup
    assert {name: number for name, number in read_backup(backup).items() if name != "alembic_version"} == before
    after = former.rows()
    assert {name: after[name] for name in before} == upgraded(before)
    await require_schema(former.url)
    assert await initialise(former.settings) == Made(encryption_key=False, operator_key=None)
    assert former.backups() == [backup]


@pytest.mark.long
async def test_an_upgraded_schema_is_the_one_of_a_new_database(former: Former, empty: Former) -> None:
    await migrate(former.url)
    await migrate(empty.url)
    assert former.schema() == empty.schema()


async def test_sends_go_on_where_they_were_and_no_line_is_doubled(former: Former) -> None:
    await migrate(former.url)
    engine = make_engine(former.url)
    office = open_office(engine, later=timedelta(minutes=16) + _since_the_release())
    await office.furnish_service_trade()
    use_cases, tenant_id = office.services.use_cases, await office.tenant_id()
    office.spectrum.lines += [line_of(name, n) for name, n in POSTED_BEFORE.elements()]
    again = await office.request("waiting", key="key-of-waiting")
    await office.drain()

    states = {send.job_id: send for send in (await use_cases.list_sends(tenant_id)).sends}
    assert len(states) == len(ITEMS), "the repeated request made no send"
    assert again in {send.id for send in states.values()}
    by_name = {name: states[job_id(name)].state for name in ITEMS}
    assert by_name == {
        "sent": SendState.SENT,
        "cut": SendState.IN_DOUBT,
        "doubt": SendState.IN_DOUBT,
        "waiting": SendState.SENT,
        "refused": SendState.NEEDS_ATTENTION,
        "retrying": SendState.SENT,
    }
    for doubt in await use_cases.doubts.list(tenant_id):
        seen = office.posted()[item_of(doubt.line.code)]
        verdict = LineState.POSTED if seen else LineState.NOT_POSTED
        await use_cases.doubts.settle(tenant_id, doubt.line.id, verdict, reason="looked", by="ann")
    await office.drain()
    assert office.posted() == Counter((name, n) for name, items in ITEMS.items() for n in range(items))
    for send in (await use_cases.list_sends(tenant_id)).sends:
        await use_cases.show_send(tenant_id, send.id)
    await engine.dispose()


async def test_each_stored_key_is_found_again_whatever_its_caller_chose(former: Former) -> None:
    """A key may look like another one behind its caller's name, and a name may hold the sign between both."""
    chosen = [("key:shop", "7"), ("key:shop", "key:shop/7"), ("key:a/b", "c"), ("key:a", "b/c"), ("key:100%", "%2F")]
    with psycopg.connect(former.url) as connection:
        connection.execute("SET session_replication_role = replica")
        sends = connection.execute("SELECT tenant_id, id FROM sends ORDER BY tenant_id <> 'ten_1' LIMIT 5").fetchall()
        connection.execute("UPDATE sends SET tenant_id = 'ten_1'")
        for (caller, key), (_, send_id) in zip(chosen, sends, strict=True):
            connection.execute("UPDATE sends SET requested_by = %s WHERE id = %s", (caller, send_id))
            connection.execute("INSERT INTO idempotency_keys VALUES ('ten_1', %s, 'hash', %s)", (key, send_id))
        for key_id, name in (("key_9", "rotated"), ("key_91", "rotated"), ("key_95", "alone")):
            connection.execute(
                "INSERT INTO api_keys (id, tenant_id, digest, prefix, name, scopes, created_at, created_by)"
                " VALUES (%s, 'ten_1', %s, 'jf_', %s, '[]', now(), 'test')",
                (key_id, key_id.encode(), name),
            )
        connection.execute("UPDATE sends SET requested_by = 'key:rotated' WHERE id = %s", (sends[0][1],))
    await migrate(former.url)
    with psycopg.connect(former.url) as connection:
        told: dict[str, str | None] = dict(
            connection.execute("SELECT id, first_id FROM api_keys WHERE id LIKE 'key_9%'").fetchall()
        )
    assert told == {"key_9": None, "key_91": "key_9", "key_95": None}, "those of one name stay one program"
    chosen[0] = "key:key_9", chosen[0][1]
    engine = make_engine(former.url)
    async with transactions_on(engine).begin("ten_1") as t:
        for (caller, key), (_, send_id) in zip(chosen, sends, strict=True):
            wanted = BoundKey.of(caller, key, "hash", "snd_new")
            assert await t.sends.find_key(wanted.key) == replace(wanted, bound_to=send_id)
    await engine.dispose()


@pytest.mark.long
async def test_a_process_that_came_during_the_backup_is_seen(former: Former) -> None:
    with ExitStack() as stack:

        def arrives(_: str) -> None:
            stack.enter_context(psycopg.connect(former.url))

        with pytest.raises(Conflict) as caught:
            await migrate(former.url, arrives)
    assert caught.value.code == "DATABASE_IN_USE"


@pytest.mark.long
async def test_a_failing_upgrade_leaves_the_former_schema_whole(
    former: Former, monkeypatch: pytest.MonkeyPatch
) -> None:
    schema_before, rows = former.schema(), former.rows()

    def fails(connection: Any) -> None:
        connection.exec_driver_sql("DROP FUNCTION tell_of CASCADE; DROP TABLE audit; SELECT 1/0")

    monkeypatch.setattr(migration, "replace_functions", fails)
    with pytest.raises(OperatorMends):
        await initialise(former.settings)
    assert (former.schema(), former.rows()) == (schema_before, rows)
    assert (await schema_state(former.url)).current == RELEASED
    monkeypatch.undo()
    assert (await initialise(former.settings)).former == RELEASED


@pytest.mark.long
async def test_without_a_backup_nothing_is_upgraded_unless_told_so(
    former: Former, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(url: str, file: Path) -> RowCounts:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(initialisation, "make_backup", full)
    with pytest.raises(OperatorMends, match="No space left") as caught:
        await initialise(former.settings)
    assert (caught.value.code, "--no-backup" in caught.value.fix) == ("BACKUP_FAILED", True)
    assert (await schema_state(former.url)).current == RELEASED
    assert await initialise(former.settings, backup=False) == Made(False, None, RELEASED, None)


@pytest.mark.long
async def test_two_upgrades_at_once_are_one(former: Former) -> None:
    made = await asyncio.gather(*(initialise(former.settings) for _ in range(2)))
    assert sorted(one.former or "" for one in made) == ["", RELEASED]
    assert len(former.backups()) == 1


@pytest.mark.long
async def test_a_database_in_use_is_not_upgraded(former: Former) -> None:
    """By a `worker` of the former version, which would go on."""
    with psycopg.connect(former.url):
        with pytest.raises(Conflict) as caught:
            await initialise(former.settings)
        assert (caught.value.code, "Stop `serve`" in caught.value.fix) == ("DATABASE_IN_USE", True)
    with psycopg.connect(former.url, application_name="psql"):
        assert not former.backups()
        assert (await initialise(former.settings)).former == RELEASED


@pytest.mark.long
async def test_a_process_of_the_former_version_does_not_start_any_more(
    former: Former, monkeypatch: pytest.MonkeyPatch
) -> None:
    await migrate(former.url)
    monkeypatch.setattr(schema, "REVISIONS", (RELEASED,))
    with pytest.raises(OperatorMends, match=f"the schema {REVISIONS[-1]}, which this version does not know") as caught:
        await require_schema(former.url)
    assert "or a newer one" in caught.value.fix


@pytest.mark.long
async def test_a_process_that_starts_during_the_upgrade_waits_for_its_end(
    former: Former, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgraded, go_on, replace = threading.Event(), threading.Event(), replace_functions

    def replace_later(connection: Any) -> None:
        upgraded.set()
        assert go_on.wait(30)
        replace(connection)

    monkeypatch.setattr(migration, "replace_functions", replace_later)
    upgrading = asyncio.create_task(migrate(former.url))
    await asyncio.to_thread(upgraded.wait, 30)
    starting = asyncio.create_task(schema_state(former.url))
    await until_somebody_waits(former.url)
    go_on.set()
    assert await upgrading == RELEASED
    assert (await starting).current == REVISIONS[-1], "which the former version does not know"


@pytest.mark.long
async def test_a_backup_of_the_former_release_is_restored_by_this_one(
    former: Former, empty: Former, tmp_path: Path
) -> None:
    file = tmp_path / "former.backup"
    make_backup(former.url, file)
    rows = load_backup(empty.url, file, hold=restored(), quiet=timedelta(minutes=15))
    assert await migrate(empty.url) == RELEASED
    after = empty.rows()
    assert {name: after[name] for name in former.rows()} == upgraded(former.rows())
    assert rows["cost_lines"] == after["cost_lines"]
    with psycopg.connect(empty.url) as connection:
        held = connection.execute("SELECT count(*) FROM connections WHERE items_hold IS NULL").fetchone()
    assert held == (0,)
    assert empty.schema() == (await _upgraded(former)).schema()


@pytest.mark.long
def test_a_backup_of_a_newer_version_is_refused_before_it_is_loaded(
    former: Former, empty: Former, tmp_path: Path
) -> None:
    with psycopg.connect(former.url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    make_backup(former.url, file := tmp_path / "newer.backup")
    with pytest.raises(OperatorMends, match="the schema 9999, which this version does not know") as caught:
        load_backup(empty.url, file, hold=restored(), quiet=timedelta(minutes=15))
    assert caught.value.code == "SCHEMA_BEHIND"
    assert empty.rows() == {}


async def _upgraded(former: Former) -> Former:
    await migrate(former.url)
    return former


def _since_the_release() -> timedelta:
    """Nothing if this machine's clock is later than the release anyway."""
    made = datetime(2026, 12, 1, tzinfo=UTC)
    return max(timedelta(), made - datetime.now(UTC))
