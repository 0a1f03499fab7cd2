"""All that the database holds of a tenant, as lines of JSON: no secret, nothing of anybody else, at one moment."""

from __future__ import annotations

import json
import os
import tracemalloc
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from typing import Any

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from adapters.outbound.postgres.operations.export import exported_tables, left_out
from adapters.outbound.postgres.server.migrate import migrate
from adapters.outbound.postgres.tables import owners
from adapters.outbound.postgres.transactions import make_engine
from core.services.wiring import Services
from tests.support.databases import create_database, database_of
from tests.support.dependencies import over
from tests.support.http_scene import api
from tests.support.notification_scene import URL
from tests.support.released.load import add_rows_of_newer_tables, load_release
from tests.support.storage_scene import PLANTED, transactions_on

pytestmark = pytest.mark.usefixtures("databases")  # they make the role


class Stage:
    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = make_engine(url, pool_size=1)
        self.transactions = transactions_on(self.engine)
        self.use_cases = Services(over(self.transactions)).use_cases

    async def export(self, slug: str = "tenant-1") -> str:
        tenant = await self.use_cases.find_tenant(slug)
        return "".join([line async for line in self.use_cases.export_tenant(tenant, by="ann")])

    def rows(self, tenant_id: str) -> Mapping[str, int]:
        counts = {}
        with psycopg.connect(self.url) as connection:
            for table in exported_tables():
                name, owner = table.name, owners()[table.name]
                count = SQL("SELECT count(*) FROM {} WHERE {} = %s").format(Identifier(name), Identifier(owner))
                [(counts[name],)] = connection.execute(count, (tenant_id,)).fetchall()
        return {table: number for table, number in counts.items() if number}


@pytest.fixture
async def stage(server_url: str) -> AsyncIterator[Stage]:
    name = f"export_{os.getpid()}"
    create_database(server_url, name)
    load_release(url := database_of(server_url, name))
    await migrate(url)
    add_rows_of_newer_tables(url)
    stage = Stage(url)
    yield stage
    await stage.engine.dispose()
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def parsed(text: str) -> tuple[dict[str, Any], list[dict[str, Any]], dict[str, Any]]:
    first, *rows, last = map(json.loads, text.splitlines())
    return first, rows, last


async def test_every_row_of_the_tenant_is_in_it_with_all_that_is_no_secret(stage: Stage) -> None:
    first, rows, last = parsed(await stage.export())
    assert (first["format"], first["version"], first["tenant"]) == ("jobferry.tenant-export", 1, "tenant-1")
    counts = Counter(one["kind"] for one in rows)
    assert last == {"end": True, "rows": counts}
    assert counts == stage.rows("ten_1")
    assert counts.keys() >= owners().keys() - {"api_keys", "listed_words"}, "of every table"
    columns = {table.name: {one.name for one in table.columns} - {*left_out(table)} for table in exported_tables()}
    assert all(one["row"].keys() == columns[one["kind"]] for one in rows)
    assert rows[0]["row"]["settings"]["name"] == "Tenant"


async def test_nothing_of_another_tenant_is_in_it(stage: Stage) -> None:
    own = await stage.export()
    assert "ten_2" not in own
    assert "con_2" not in own
    assert "ten_1" not in await stage.export("tenant-2")
    assert stage.rows("ten_1").items() > {"sends": 1}.items()


async def test_no_secret_is_in_it(stage: Stage) -> None:
    """Neither as it was given nor as it is stored."""
    exported = await stage.export()
    assert [secret for secret in (*PLANTED, URL) if secret in exported] == []
    with psycopg.connect(stage.url) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("UPDATE people SET password_hash = 'HASH-PLANTED'")
        sealed = connection.execute("SELECT login_secret, data_key FROM tenants WHERE id = 'ten_1'").fetchall()
    exported = await stage.export()
    assert "HASH-PLANTED" not in exported
    assert all(one.hex() not in exported for one in sealed[0])


async def test_who_exported_it_is_in_the_audit(stage: Stage) -> None:
    await stage.export()
    async with stage.transactions.begin("ten_1") as t:
        [entry] = await t.audit.page(limit=1)
    assert (entry.actor, entry.action, entry.subject) == ("ann", "tenant.exported", "ten_1")


async def test_all_rows_are_of_one_moment(stage: Stage) -> None:
    tenant = await stage.use_cases.find_tenant("tenant-1")
    async with aclosing(stage.use_cases.export_tenant(tenant, by="ann")) as lines:
        kept = [await anext(lines), await anext(lines)]
        with psycopg.connect(stage.url) as connection:
            connection.execute("DELETE FROM hints")
        kept += [line async for line in lines]
    assert any('"kind": "hints"' in line for line in kept)
    assert '"kind": "hints"' not in await stage.export()


async def test_a_reader_who_leaves_gives_the_session_back(stage: Stage) -> None:
    """There is one session."""
    for _ in range(3):
        async with aclosing(stage.transactions.exported("ten_1")) as rows:
            await anext(rows)
    assert await stage.export()


@pytest.mark.long
async def test_memory_does_not_grow_with_the_rows(stage: Stage) -> None:
    with psycopg.connect(stage.url) as connection:
        connection.execute(
            "INSERT INTO attempts (tenant_id, send_id, step, started_at, outcome, detail, request, answer)"
            " SELECT 'ten_1', 'snd_1', 'header', now(), 'accepted', '', repeat(md5(n::text), 600), ''"
            " FROM generate_series(1, 1500) n"
        )
    size, tenant = 0, await stage.use_cases.find_tenant("tenant-1")
    tracemalloc.start()
    async for line in stage.use_cases.export_tenant(tenant, by="ann"):
        size += len(line)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > 28_000_000
    assert most < 8_000_000


async def test_an_operators_key_exports_it_over_the_api_piece_by_piece(stage: Stage) -> None:
    async with api(storage=stage.transactions) as scene:
        path = "/v1/tenants/tenant-1/export"
        looked = await scene.call("HEAD", path)
        assert (looked.status, looked.text) == (200, "")
        answer = await scene.call("GET", path)
        assert answer.headers["Content-Type"] == "application/x-ndjson; charset=utf-8"
        assert answer.headers["Content-Disposition"] == 'attachment; filename="tenant-1.jsonl"'
        assert answer.headers["Transfer-Encoding"] == "chunked"
        _, rows, last = parsed(answer.text)
        assert last == {"end": True, "rows": Counter(one["kind"] for one in rows)}
        assert last["rows"] == stage.rows("ten_1")
        async with stage.transactions.begin("ten_1") as t:
            done = [one.actor for one in await t.audit.page() if one.action == "tenant.exported"]
        assert done == ["operator:scene"], "to look at the head exports nothing"
