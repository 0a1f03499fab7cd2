"""A tenant or a person is removed: of a canary in every text that the database holds of them, none is left."""

from __future__ import annotations

import os
import subprocess
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any

import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from sqlalchemy.exc import IntegrityError
from structlog.testing import capture_logs

from adapters.outbound.postgres.server.backup import program
from adapters.outbound.postgres.server.migrate import migrate
from adapters.outbound.postgres.tables import owners
from adapters.outbound.postgres.transactions import make_engine
from core.model.access.api_key import Scope
from core.model.access.caller import Caller
from core.model.access.person import Role
from core.services.access.api_keys import KeyRequest
from core.services.wiring import Services
from ports.storage.transactions import Transactions
from tests.support.databases import create_database, database_of
from tests.support.dependencies import over
from tests.support.released.load import add_rows_of_newer_tables, load_release
from tests.support.storage_scene import transactions_on

_IDS_ALONE = ("batch_sends", "completions", "due_work", "hints", "tenant_watch")
pytestmark = pytest.mark.usefixtures("databases")  # they make the role
_COLUMNS = """
SELECT c.relname, a.attname, t.typname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_type t ON t.oid = a.atttypid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
 AND a.attgenerated = '' AND t.typname IN ('text', 'jsonb', 'varchar', 'bytea') AND a.attname !~ '(^id|_id|_key|^seq)$'
"""


@dataclass
class Stage:
    url: str
    transactions: Transactions
    services: Services

    def run(self, statement: str) -> None:
        with psycopg.connect(self.url) as connection:
            connection.execute(statement.encode())

    def plant(self, tenant_id: str) -> Mapping[str, str]:
        """A canary in each text of the tenant's rows that may hold any, by its place."""
        planted = {}
        with psycopg.connect(self.url) as connection:
            connection.execute("SET session_replication_role = replica")
            for table, column, kind in connection.execute(_COLUMNS).fetchall():
                if table not in owners() or table in _IDS_ALONE:
                    continue
                canary = f"ca{token_hex(9)}"
                try:
                    with connection.transaction():
                        found = connection.execute(
                            _planting(table, column, kind), {"canary": canary, "tenant": tenant_id}
                        )
                except psycopg.errors.CheckViolation:
                    continue  # one of a few words
                if found.rowcount:
                    planted[f"{table}.{column}"] = canary
        return planted

    def acted(self, tenant_id: str, who: str) -> set[str]:
        """Have `who` done everything of the tenant. Returns the columns that say so."""
        done = set()
        with psycopg.connect(self.url) as connection:
            connection.execute("SET session_replication_role = replica")
            for table, column, kind in connection.execute(_COLUMNS).fetchall():
                if table in owners() and kind == "text" and (column == "actor" or column.endswith("_by")):
                    set_here = SQL("UPDATE {} SET {} = %s WHERE {} = %s").format(
                        Identifier(table), Identifier(column), Identifier(owners()[table])
                    )
                    connection.execute(set_here, (who, tenant_id))
                    done.add(f"{table}.{column}")
        return done

    def counted(self, table: str) -> int:
        with psycopg.connect(self.url) as connection:
            [(number,)] = connection.execute(SQL("SELECT count(*) FROM {}").format(Identifier(table))).fetchall()
        return int(number)

    def dump(self) -> str:
        return subprocess.run((program("pg_dump"), self.url), check=True, capture_output=True, text=True).stdout


def _planting(table: str, column: str, kind: str) -> Any:
    value = {
        "jsonb": "CASE jsonb_typeof({column}) WHEN 'object' THEN {column} || jsonb_build_object('c', %(canary)s::text)"
        " WHEN 'array' THEN {column} || to_jsonb(%(canary)s::text) END",
        "bytea": "decode(%(canary)s, 'hex')",
    }.get(kind, "%(canary)s")
    return SQL(
        f"UPDATE {{table}} SET {{column}} = {value} WHERE {{owner}} = %(tenant)s AND {{column}} IS NOT NULL"
    ).format(table=Identifier(table), column=Identifier(column), owner=Identifier(owners()[table]))


@pytest.fixture
async def stage(server_url: str) -> AsyncIterator[Stage]:
    name = f"removal_{os.getpid()}"
    create_database(server_url, name)
    url = database_of(server_url, name)
    load_release(url)
    await migrate(url)
    add_rows_of_newer_tables(url)
    engine = make_engine(url)
    transactions = transactions_on(engine)
    yield Stage(url, transactions, Services(over(transactions)))
    await engine.dispose()
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


async def test_of_a_removed_tenant_nothing_is_left(stage: Stage) -> None:
    stage.run("UPDATE sends SET state = 'cancelled', due_at = NULL WHERE tenant_id = 'ten_1'")
    stage.run("""INSERT INTO operator_audit (at, actor, action, subject, detail)
        VALUES (now(), 'operator', 'tenant.added', 'ten_1', '{"tenant": "tenant-1", "name": "CANARY"}')""")
    tenant = await stage.services.use_cases.find_tenant.fresh("tenant-1")
    await stage.services.use_cases.api_keys.create(
        KeyRequest(name="shop", tenant_id="ten_1", scopes=frozenset({Scope.READ})), Caller()
    )
    planted = stage.plant("ten_1")
    assert owners().keys() - {place.partition(".")[0] for place in planted} == {*_IDS_ALONE}
    there = stage.dump()
    assert [place for place, canary in planted.items() if canary not in there] == []
    with capture_logs() as said:
        await stage.services.use_cases.change_tenant.remove(tenant, by="operator")
    left = stage.dump()
    assert [place for place, canary in planted.items() if canary in left or canary in str(said)] == []
    with psycopg.connect(stage.url) as connection:
        for table, owner in owners().items():
            count = SQL("SELECT count(*) FROM {} WHERE {} = 'ten_1'").format(Identifier(table), Identifier(owner))
            assert connection.execute(count).fetchone() == (0,), table
        known = connection.execute("SELECT detail FROM operator_audit WHERE subject = 'ten_1'").fetchall()
    assert [*known][-1] == ({"tenant": "tenant-1"},), "which one it was"
    assert "CANARY" not in left


async def test_of_a_removed_person_nothing_is_left_but_what_they_did(stage: Stage) -> None:
    """Their address and name stand wherever the database says who did something: in each column that is named so, and
    in texts that tell it."""
    use_cases, email = stage.services.use_cases, "canary@example.com"
    stage.run(f"""
SET session_replication_role = replica;
UPDATE people SET email = '{email}', name = 'CANARY-NAME' WHERE id = 'per_1';
UPDATE audit SET actor_name = 'CANARY-NAME' WHERE tenant_id = 'ten_1';
UPDATE audit SET detail = '{{"email": "{email}"}}' WHERE tenant_id = 'ten_1';
UPDATE recipients SET address = '{email}' WHERE tenant_id = 'ten_1';
UPDATE suggested_records SET trouble = '{email} has set the alias X meanwhile.' WHERE tenant_id = 'ten_1';
UPDATE connections SET last_test = '{{"by": "{email}", "at": "2026-11-22T00:00Z", "steps": [], "target_version": 1}}'
 WHERE tenant_id = 'ten_1';
UPDATE send_plans SET plan = plan || '{{"records": [{{"reason": "the alias, set 1 Dec 2026, 08:00 UTC by {email}"}}]}}'
 WHERE tenant_id = 'ten_1';
UPDATE idempotency_keys SET key = '{email}/7' WHERE tenant_id = 'ten_1';
UPDATE webhook_deliveries SET body = '{{"requested_by":"{email}"}}' WHERE tenant_id = 'ten_1';
""")
    assert stage.acted("ten_1", email) >= {"audit.actor", "sends.requested_by", "cost_lines.settled_by"}
    await use_cases.api_keys.create(
        KeyRequest(name="shop", tenant_id="ten_1", scopes=frozenset({Scope.READ})),
        Caller(person=await use_cases.manage_people.get("ten_1", "per_1")),
    )
    acts = stage.counted("audit")
    with capture_logs() as said:
        await use_cases.manage_people.remove("ten_1", email, by=Caller())
    left = stage.dump().lower()
    assert ("canary" in left, "canary" in str(said).lower()) == (False, False)
    assert "removed person per_1" in left
    assert stage.counted("audit") == acts + 1, "what was done stays"


async def test_of_a_removed_operator_nothing_is_left_in_any_tenant(stage: Stage) -> None:
    use_cases, email = stage.services.use_cases, "canary@example.com"
    operator = await use_cases.manage_people.add(None, email, "CANARY-NAME", Role.OPERATOR, by=Caller())
    tenant = await use_cases.find_tenant.fresh("cardinal")
    await use_cases.change_tenant.pause(tenant, paused=True, by=email)
    assert "CANARY-NAME" in stage.dump()
    await use_cases.manage_people.remove(None, email, by=Caller())
    left = stage.dump().lower()
    assert "canary" not in left
    assert f"removed person {operator.id}" in left


async def test_the_acts_of_somebody_who_is_there_cannot_be_hidden(stage: Stage) -> None:
    with pytest.raises(IntegrityError, match="was not removed"):
        async with stage.transactions.begin("ten_1") as t:
            ann = await t.people.get("per_1")
            await t.people.forget(ann.email, ann.id)


def test_each_table_with_data_of_a_tenant_stands_in_the_page_about_data_protection() -> None:
    page = (Path(__file__).parents[3] / "docs" / "data-protection.md").read_text()
    assert [table for table in (*owners(), "operator_audit") if f"`{table}`" not in page] == []
