"""The sessions on which transactions take turns."""

from __future__ import annotations

import asyncio

import psycopg
import pytest
from psycopg.pq import TransactionStatus
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import NullPool

from adapters.outbound.postgres.server.engines import service_engine
from adapters.outbound.postgres.server.sessions import Session, Sessions
from adapters.outbound.postgres.transactions import make_engine
from ports.storage.send_changes import FactsQuery
from tests.support.read_only_database import make_read_only, make_writable
from tests.support.storage_scene import furnish


def pid(session: Session) -> int:
    return session.driver.info.backend_pid


async def two_of(sessions: Sessions) -> set[int]:
    """Two that were used at the same time."""
    async with sessions.session() as one, sessions.session() as two:
        return {pid(one), pid(two)}


async def test_the_session_that_was_used_last_is_used_first(engine: AsyncEngine) -> None:
    sessions = Sessions(engine)
    async with sessions.session() as one, sessions.session():
        pass
    async with sessions.session() as next_one:
        assert pid(next_one) == pid(one)


async def test_what_was_begun_and_not_committed_is_rolled_back(engine: AsyncEngine) -> None:
    sessions = Sessions(engine)
    async with sessions.session() as session:
        await session.driver.execute("BEGIN")
        await session.connection.execute(text("SELECT set_config('app.tenant', 'ten_1', false)"))
    async with sessions.session() as again:
        assert pid(again) == pid(session)
        assert again.driver.info.transaction_status == TransactionStatus.IDLE
        assert (await again.connection.execute(text("SELECT current_setting('app.tenant', true)"))).scalar_one() == ""


async def test_a_session_whose_rollback_is_cancelled_is_not_used_again(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    transactions = await furnish(engine)
    rollback, rolling_back = psycopg.AsyncConnection.rollback, asyncio.Event()

    async def slowly(self: psycopg.AsyncConnection) -> None:
        if self.info.transaction_status != TransactionStatus.IDLE and not rolling_back.is_set():
            rolling_back.set()
            await asyncio.Event().wait()
        await rollback(self)

    async def fail() -> None:
        async with transactions.changing("ten_1", FactsQuery(send_id="", job_id="", connection_id="con_1")):
            raise ZeroDivisionError

    monkeypatch.setattr(psycopg.AsyncConnection, "rollback", slowly)
    failing = asyncio.create_task(fail())
    await rolling_back.wait()
    failing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await failing
    async with transactions._session("ten_1") as session:
        assert session.driver.info.transaction_status == TransactionStatus.IDLE


async def test_a_read_only_session_takes_the_other_ones_with_it(database_url: str, engine: AsyncEngine) -> None:
    """They were opened on the same server, so each would fail once."""
    sessions = Sessions(engine)
    await make_read_only(database_url)
    before = await two_of(sessions)
    with pytest.raises((DBAPIError, psycopg.Error)):
        async with sessions.session() as session:
            await session.driver.execute("CREATE TEMPORARY TABLE one (id int)")
    await make_writable(database_url)
    assert not before & await two_of(sessions)


async def test_sessions_end_with_their_engine(database_url: str) -> None:
    engine = make_engine(database_url)
    sessions = Sessions(engine)
    async with sessions.session() as session:
        pass
    await engine.dispose()
    assert session.driver.closed


async def test_who_waits_gets_the_next_free_session(database_url: str) -> None:
    engine = make_engine(database_url, pool_size=1)
    sessions = Sessions(engine)

    async def use() -> int:
        async with sessions.session() as session:
            return pid(session)

    async with sessions.session() as only:
        waiting = [asyncio.create_task(use()) for _ in range(3)]
        await asyncio.sleep(0)
    assert await asyncio.gather(*waiting) == [pid(only)] * 3
    await engine.dispose()


async def test_an_engine_without_places_is_refused(database_url: str) -> None:
    engine = service_engine(database_url, poolclass=NullPool)
    with pytest.raises(TypeError, match="NullPool"):
        Sessions(engine)
