"""Transactions under stress: stuck locks, an exhausted pool, cancellation, a connection that is cut."""

from __future__ import annotations

import asyncio

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from adapters.outbound.postgres.server.role import as_role
from adapters.outbound.postgres.transactions import PostgresTransactions
from adapters.outbound.vault.aes_gcm_vault import AesGcmVault
from core.model.shared.errors import OperatorMends, TimeMends
from tests.support.storage_scene import a_send, furnish, transactions_on, until_somebody_waits

LOCK = "SELECT 1 FROM connections WHERE id = 'con_1' FOR UPDATE"


@pytest.fixture
async def transactions(engine: AsyncEngine) -> PostgresTransactions:
    return await furnish(engine)


async def add_and_pause(transactions: PostgresTransactions) -> None:
    async with transactions.begin("ten_1") as t:
        await t.sends.add(a_send())
        await t.connections.set_paused("con_1", True)


async def sends_stored(transactions: PostgresTransactions) -> int:
    async with transactions.begin("ten_1") as t:
        return len(await t.sends.page())


async def test_another_installations_key_is_noticed_before_any_work(engine: AsyncEngine) -> None:
    strange = PostgresTransactions(engine, AesGcmVault(b"o" * 32))
    await strange.require_key()  # nothing is sealed yet, so any key will do
    transactions = await furnish(engine)
    await transactions.require_key()
    with pytest.raises(OperatorMends) as caught:
        await strange.require_key()
    assert caught.value.code == "SECRET_UNREADABLE"


async def test_sessions_have_limits_on_what_may_hang(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        for name in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"):
            assert (await connection.execute(text(f"SHOW {name}"))).scalar_one() not in ("0", ""), name


async def test_a_stuck_lock_becomes_an_error_that_passes(database_url: str, transactions: PostgresTransactions) -> None:
    async with await psycopg.AsyncConnection.connect(database_url) as blocker:
        await blocker.execute(LOCK)
        with pytest.raises(TimeMends) as caught:
            async with transactions.begin("ten_1") as t:
                session = t.connections._connection  # type: ignore[attr-defined]
                await session.execute(text("SET LOCAL lock_timeout = '50ms'"))
                await t.sends.add(a_send())
                await t.connections.set_paused("con_1", True)
    assert caught.value.code == "DATABASE_UNREACHABLE"
    assert await sends_stored(transactions) == 0


async def test_an_exhausted_pool_becomes_an_error_that_passes(
    database_url: str, transactions: PostgresTransactions
) -> None:
    small = create_async_engine(as_role(database_url), pool_size=1, max_overflow=0, pool_timeout=0.05)
    tight = transactions_on(small)
    async with tight.begin("ten_1"):
        with pytest.raises(TimeMends):
            await sends_stored(tight)
    assert await sends_stored(tight) == 0
    await small.dispose()


async def test_cancelling_inside_a_transaction_stores_nothing_and_spoils_no_connection(
    database_url: str, transactions: PostgresTransactions
) -> None:
    small = create_async_engine(as_role(database_url), pool_size=1, max_overflow=0, pool_timeout=5)
    tight = transactions_on(small)
    async with await psycopg.AsyncConnection.connect(database_url) as blocker:
        await blocker.execute(LOCK)
        working = asyncio.create_task(add_and_pause(tight))
        await until_somebody_waits(database_url)
        working.cancel()
        with pytest.raises(asyncio.CancelledError):
            await working
    assert await sends_stored(tight) == 0
    await add_and_pause(tight)
    assert await sends_stored(tight) == 1
    await small.dispose()


async def test_a_cut_connection_becomes_an_error_that_passes_and_is_replaced(
    database_url: str, transactions: PostgresTransactions
) -> None:
    others = "datname = current_database() AND pid <> pg_backend_pid()"
    cut = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"
    with pytest.raises(TimeMends):
        async with transactions.begin("ten_1") as t:
            await t.sends.add(a_send())
            async with await psycopg.AsyncConnection.connect(database_url) as other:
                await other.execute(cut.encode())
            await t.sends.page()
    assert await sends_stored(transactions) == 0
