"""Every route over PostgreSQL with the application's own filter taken out of every statement: row-level security alone
gives nothing of another tenant."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.inbound.api.routes import ROUTES, Mark, Route
from adapters.inbound.schema.schema_base import Nothing
from adapters.inbound.server.access import Access
from adapters.outbound.postgres.transactions import PostgresTransactions
from adapters.outbound.vault.aes_gcm_vault import AesGcmVault
from tests.edges.api.test_http_isolation import BODIES, OTHER, OWN, furnish, make_keys
from tests.support.http_scene import UNLIMITED, Answer, Scene, api
from tests.support.storage_scene import MASTER_KEY

FILTER = re.compile(
    r"(?:\b\w+\.tenant_id|\(\w+\.tenant_id \|\| ''\)) = (%\((?:(?:tenant_id|param)_\d+|tenant)\)s(?:::VARCHAR)?)"
)
LEFT = re.compile(r" WHERE .*\.tenant_id(?: \|\| ''\))? = %")
ROUTES_WITH_IDS = [route for route in ROUTES if "{tenant}" in route.path and "_id}" in route.path]
LISTS = [route for route in ROUTES if "{tenant}" in route.path and "_id}" not in route.path and route.method == "GET"]


@dataclass
class Unfiltered:
    """How many filters were taken out, and statements in which one was left."""

    removed: int = 0
    left: set[str] = field(default_factory=set)


@contextmanager
def without_filters(engine: AsyncEngine) -> Iterator[Unfiltered]:
    """Statements ask for everybody's rows; only the database itself still knows whose they are."""
    counted = Unfiltered()

    def rewrite(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> tuple[str, Any]:
        bare, removed = FILTER.subn(r"\1::text IS NOT NULL", statement)
        counted.removed += removed
        if LEFT.search(bare):
            counted.left.add(statement)
        return bare, parameters

    event.listen(engine.sync_engine, "before_cursor_execute", rewrite, retval=True)
    try:
        yield counted
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", rewrite)


@dataclass
class TwoTenants:
    """Furnished alike; `key` is the first one's, with all scopes, and `marks` are texts that only the other has."""

    scene: Scene
    own: Mapping[str, str]
    other: Mapping[str, str]
    key: str
    marks: frozenset[str]

    async def ask(self, route: Route) -> Answer:
        """Under the first tenant's name, with the ids of the other."""
        path = route.path.format_map({**self.other, "tenant": OWN, "connection": self.own["connection"]})
        body = BODIES[route.name] if route.method != "GET" and route.takes is not Nothing else None
        headers = {"If-Match": "*"} if Mark.IF_MATCH in route.marks else {}
        return await self.scene.call(route.method, path, body, headers=headers, key=self.key)

    async def leaks(self) -> list[str]:
        """What a call with the other's ids opened, and what a list of one's own shows of the other."""
        found = []
        for route in ROUTES_WITH_IDS:
            if "{job_id}" not in route.path and route.access is not Access.OPERATOR:
                answer = await self.ask(route)
                if answer.status != 404:
                    found.append(f"{route.name}: {answer.status}")
        for route in LISTS:
            query = (
                "?job_number=104482"
                if route.name == "find_job"
                else "?connection=main"
                if "aliases" in route.path
                else ""
            )
            key = "" if route.access is Access.OPERATOR else self.key
            answer = await self.scene.call("GET", route.path.format_map(self.own) + query, key=key)
            if answer.status != 200 or any(mark in answer.text for mark in self.marks):
                found.append(f"{route.name}: {answer.status}")
        return found


@pytest.fixture
async def tenants(engine: AsyncEngine) -> AsyncIterator[TwoTenants]:
    storage = PostgresTransactions(engine, AesGcmVault(MASTER_KEY))
    async with api(storage=storage, limits=replace(UNLIMITED, stream_seconds=0.0)) as scene:
        own, other = await furnish(scene, OWN), await furnish(scene, OTHER)
        keys = await make_keys(scene)
        marks = frozenset(value for name, value in other.items() if name.endswith("_id") and value != own[name])
        assert len(marks) >= 5
        theirs = (await scene.call("GET", f"/v1/tenants/{OTHER}/connections/main")).body["id"]
        yield TwoTenants(scene, own, other, keys["all"], marks - {other["operator_key_id"]} | {theirs})


def everything_of(database_url: str, slug: str) -> dict[str, list[Any]]:
    """Each row of a tenant in each table, as the database's owner sees it."""
    rows = {}
    with psycopg.connect(database_url) as connection:
        found = connection.execute("SELECT id FROM tenants WHERE slug = %s", (slug,)).fetchone()
        assert found
        tables = connection.execute(
            "SELECT table_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND column_name = 'tenant_id'"
        )
        for (table,) in tables.fetchall():
            query = sql.SQL("SELECT t::text FROM {} t WHERE tenant_id = %s ORDER BY 1").format(sql.Identifier(table))
            rows[table] = connection.execute(query, (found[0],)).fetchall()
        rows["tenants"] = connection.execute("SELECT t::text FROM tenants t WHERE id = %s", found).fetchall()
    return rows


async def test_with_the_applications_filter_taken_out_nothing_of_another_tenant_comes_out(
    engine: AsyncEngine, database_url: str, tenants: TwoTenants
) -> None:
    before = everything_of(database_url, OTHER)
    assert sum(bool(rows) for rows in before.values()) >= 8, "there is something to be seen"
    with without_filters(engine) as counted:
        assert await tenants.leaks() == []
    assert counted.removed > 25
    assert counted.left == set()
    assert everything_of(database_url, OTHER) == before


@pytest.mark.long
@pytest.mark.parametrize("table", ["sends", "webhook_endpoints", "aliases", "connections"])
async def test_without_row_level_security_the_same_calls_open_it(
    engine: AsyncEngine, database_url: str, tenants: TwoTenants, table: str
) -> None:
    """The control: what the test above looks at would show a leak."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(sql.SQL("ALTER TABLE {} NO FORCE ROW LEVEL SECURITY").format(sql.Identifier(table)))
        connection.execute(sql.SQL("ALTER TABLE {} DISABLE ROW LEVEL SECURITY").format(sql.Identifier(table)))
    with without_filters(engine):
        assert await tenants.leaks() != []
