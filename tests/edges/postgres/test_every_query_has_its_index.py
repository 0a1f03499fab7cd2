"""Every query of the product beside large tables: none reads one from end to end, and every index has its query.

PostgreSQL itself counts how many rows the open transaction has read, also those that it did not return, and those that
database functions and foreign keys read.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, get_type_hints

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.outbound.postgres.due_work import PostgresDueWork
from adapters.outbound.postgres.transactions import PostgresTransactions, make_engine
from core.model.shared.secret import Secret
from ports.storage.due_work import DueWork
from ports.storage.transactions import InstanceTransaction, TenantTransaction
from tests.support.databases import OTHER_SESSIONS
from tests.support.every_call import (
    NOT_MADE,
    OF_A_TENANT,
    OF_THE_INSTALLATION,
    OF_WORKERS,
    WHOLE_TABLES,
    Call,
    Calls,
    Often,
)
from tests.support.large_tables import MANY, TABLES, fill_tables
from tests.support.notification_scene import SECRETS, a_recipient
from tests.support.storage_scene import an_endpoint, furnish

OF_A_SEARCH = {"code_lists.search": OF_A_TENANT["code_lists.search"]}
OF_A_SEND = {name: OF_A_TENANT[name] for name in ("changes.next_due", "changes.facts", "changes.store")}
MOST_READ = MANY // 10
"""Rows that one call may read of a table. The largest calls are batches of retention, and what a connection has."""
_COUNTED = text("SELECT relname, seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables")
_UNUSED = """
SELECT i.indexrelname FROM pg_stat_user_indexes i JOIN pg_index p ON p.indexrelid = i.indexrelid
WHERE i.idx_scan = 0 AND NOT p.indisunique AND i.relname = ANY(%s) ORDER BY i.indexrelname
"""


class _Undone(Exception):
    """Ends a call's transaction, so that every call meets the same rows."""


class OneConnection:
    """Instead of an engine: gives out one connection, whose transaction is not ended."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        yield self._connection

    connect = begin

    def execution_options(self, **_: object) -> OneConnection:
        return self


@dataclass
class Judge:
    """Notes what calls read too much. `watch` may be used once in a transaction, around a call."""

    found: list[str] = field(default_factory=list)
    most: int = MOST_READ
    tables: Collection[str] = TABLES

    @asynccontextmanager
    async def watch(self, connection: AsyncConnection, name: str) -> AsyncIterator[None]:
        before = await self._counted(connection)
        yield
        for table, counted in (await self._counted(connection)).items():
            if (rows := counted - before[table]) > self.most and name not in WHOLE_TABLES:
                self.found.append(f"{name} reads {rows} rows of {table}")

    def complain(self) -> None:
        assert not self.found, "\n".join(self.found)

    async def _counted(self, connection: AsyncConnection) -> Mapping[str, int]:
        """Of the session since the counts were handed over to the others, which is never inside a transaction."""
        rows = await connection.execute(_COUNTED)
        return {table: count for table, count in rows if table in self.tables}


async def make_calls(begin: Callable[[], Any], calls: Calls, judge: Judge) -> None:
    for name, made in calls.items():
        for call in made if isinstance(made, tuple) else (made,):
            with suppress(_Undone):
                async with begin() as t:
                    if isinstance(call, Often):
                        await call.warm(t)
                    async with judge.watch(t._connection, name):
                        await call(t)
                    raise _Undone


async def make_calls_of_workers(engine: AsyncEngine, judge: Judge) -> None:
    for name, call in OF_WORKERS.items():
        async with engine.connect() as connection, judge.watch(connection, name):
            await call(PostgresDueWork(OneConnection(connection)))  # type: ignore[arg-type]


async def unused_indexes(database_url: str) -> list[str]:
    """What was counted is known once all sessions have ended."""
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        while await (await connection.execute(f"SELECT 1 {OTHER_SESSIONS}".encode())).fetchone():
            pass
        return [name for (name,) in await (await connection.execute(_UNUSED.encode(), (list(TABLES),))).fetchall()]


def methods_of(transaction: type[object]) -> set[str]:
    """`sends.add` and so on, and the transaction's own methods."""
    ports = get_type_hints(transaction).items()
    named = {f"{name}.{method}" for name, port in ports for method in port.__abstractmethods__}
    return named | set(transaction.__abstractmethods__)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("calls", "port"),
    [(OF_A_TENANT, TenantTransaction), (OF_THE_INSTALLATION, InstanceTransaction), (OF_WORKERS, DueWork)],
)
def test_every_call_of_the_ports_is_among_them(calls: Mapping[str, Call], port: type[object]) -> None:
    assert calls.keys() == methods_of(port) - NOT_MADE


@pytest.mark.long
async def test_no_query_reads_a_large_table_from_end_to_end_and_no_index_is_idle(database_url: str) -> None:
    engine = make_engine(database_url)
    transactions: PostgresTransactions = await furnish(engine)
    async with transactions.begin("ten_1") as t:
        await t.webhook_endpoints.add(an_endpoint(), Secret("whsec"))
        await t.notifications.add(a_recipient(), SECRETS)
    await asyncio.to_thread(fill_tables, database_url)
    judge = Judge()
    await make_calls(lambda: transactions.begin("ten_1"), OF_A_TENANT, judge)
    await make_calls(transactions.begin_instance, OF_THE_INSTALLATION, judge)
    await make_calls_of_workers(engine, judge)
    await engine.dispose()
    judge.complain()
    idle = await unused_indexes(database_url)
    assert not idle, ", ".join(idle)


@pytest.mark.long
async def test_a_send_and_a_search_read_few_rows_before_the_tables_were_ever_counted(database_url: str) -> None:
    """A new installation's first hour, in sessions whose plans were made while the tables were empty. Only sends and
    searches in lists of codes are looked at: what PostgreSQL plans for the other tables is right as soon as it has
    counted them, a minute later."""
    engine = make_engine(database_url, pool_size=1)
    transactions: PostgresTransactions = await furnish(engine)
    looks = {"changes.next_due": OF_A_SEND["changes.next_due"], **OF_A_SEARCH}
    await make_calls(lambda: transactions.begin("ten_1"), looks, Judge())
    await asyncio.to_thread(fill_tables, database_url, counted=False)
    judge = Judge(most=100, tables=("sends",))
    await make_calls(lambda: transactions.begin("ten_1"), OF_A_SEND, judge)
    searches = Judge(most=500, tables=("listed_codes", "listed_words"))
    await make_calls(lambda: transactions.begin("ten_1"), OF_A_SEARCH, searches)
    await engine.dispose()
    judge.complain()
    searches.complain()
