"""The database sessions that transactions use one after the other.

A session is opened and verified once and then stays open: a new one costs more than fifty sends that are stored in an
old one. Between two transactions it is kept here and not in SQLAlchemy's pool, which would cost a worker more processor
time than the statement itself.

A session commits each statement by itself. A transaction begins with a BEGIN of ours, in one message with its first
statement.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import AsyncConnection as DriverConnection
from psycopg.pq import TransactionStatus
from sqlalchemy import AsyncAdaptedQueuePool, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.outbound.postgres.server.engines import has_ended
from adapters.outbound.postgres.server.failures import read_only


@dataclass(frozen=True, slots=True)
class Session:
    """`connection` is the same session as `driver`, for statements of SQLAlchemy."""

    driver: DriverConnection[Any]
    connection: AsyncConnection

    async def end_transaction(self) -> bool:
        """Roll back what was begun and not committed. Returns False if the session is lost."""
        if not self.driver.closed:
            if self.connection.in_transaction():
                await self.connection.rollback()
            if self.driver.info.transaction_status != TransactionStatus.IDLE:
                await self.driver.rollback()
        return not self.driver.closed

    async def close(self) -> None:
        await self.connection.invalidate()
        await self.connection.close()


class Sessions:
    """As many as the engine's pool has places. They end when the engine is disposed of."""

    def __init__(self, engine: AsyncEngine) -> None:
        pool = engine.pool
        if not isinstance(pool, AsyncAdaptedQueuePool):
            raise TypeError(f"Sessions need an engine with places to count, not one with a {type(pool).__name__}.")
        self._engine = engine
        self._free = asyncio.Semaphore(pool.size())
        self._longest_wait = pool.timeout()
        self._idle: list[Session] = []
        event.listen(engine.sync_engine, "engine_disposed", self._end_all)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Session]:
        """A session in which nothing has begun. What is not committed at the end of the block is rolled back.

        Raises SQLAlchemy's TimeoutError if none becomes free in time, OperatorMends (DATABASE_UNSUITABLE) if a new one
        lacks a protection, and what SQLAlchemy or the driver raises if the database is away.
        """
        await self._wait_for_place()
        try:
            session = await self._take_idle() or await self._open()
            try:
                yield session
            except (DBAPIError, psycopg.Error) as error:
                if read_only(error.orig if isinstance(error, DBAPIError) else error):
                    for one in (session, *self._idle):  # of the same server
                        await one.driver.close()
                raise
            finally:
                await self._give_back(session)
        finally:
            self._free.release()

    async def _wait_for_place(self) -> None:
        if not self._free.locked():
            await self._free.acquire()
            return
        try:
            async with asyncio.timeout(self._longest_wait):
                await self._free.acquire()
        except TimeoutError as error:
            raise PoolTimeout(f"No database session became free within {self._longest_wait} s.") from error

    async def _take_idle(self) -> Session | None:
        """The one that was used last, so that its plans serve most calls."""
        while self._idle:
            session = self._idle.pop()
            if not has_ended(session.driver):
                return session
            await session.close()
        return None

    async def _open(self) -> Session:
        connection = await self._engine.connect()
        try:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            driver = (await connection.get_raw_connection()).driver_connection
            if not isinstance(driver, DriverConnection):
                raise TypeError(f"The engine has opened a session with {type(driver).__name__}, not with psycopg.")
        except BaseException:
            await connection.close()
            raise
        return Session(driver, connection)

    async def _give_back(self, session: Session) -> None:
        usable = False
        try:
            usable = await session.end_transaction()
        finally:
            # Whoever got a session next whose rollback was interrupted would continue this transaction.
            if usable:
                self._idle.append(session)
            else:
                await session.close()

    def _end_all(self, _: object) -> None:
        while self._idle:
            connection = self._idle.pop().connection.sync_connection
            if connection is not None:
                connection.invalidate()
                connection.close()
