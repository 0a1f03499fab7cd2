"""Says in the log when the database goes, each minute while it is away, and when it is back. Meanwhile it starts the
embedded one again.

A pool reports that something failed, or a question every few seconds shows it; the watch then looks for itself. A
deadlock or one ended session is not a database that is away, and one that answers but takes no writes is.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Self

import psycopg
import structlog
from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.outbound.postgres.server.failures import first_line_of
from adapters.outbound.postgres.server.role import as_role_dsn
from adapters.outbound.postgres.server.session import verify_session
from core.model.shared.errors import OperatorMends

_log = structlog.get_logger()
_LOOK_SECONDS = 1.0
_TOLD_SECONDS = 60.0
_ASKED_SECONDS = 5.0
"""How often a pool is asked while nobody reports anything: a process without work would notice nothing."""
_READ_ONLY = "SHOW transaction_read_only"


class DatabaseWatch:
    """Watches until the end of its `async with` block. It holds no connection while all is well."""

    def __init__(self, url: str, start_again: Callable[[], None] | None = None) -> None:
        """`start_again` starts the embedded server if it does not run. It blocks and may raise OperatorMends."""
        self._start_again = start_again
        self._dsn = as_role_dsn(url)
        self._failed = asyncio.Event()
        self._engine: AsyncEngine | None = None
        self._watching: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._watching = asyncio.create_task(self._watch())
        return self

    async def __aexit__(self, *_: object) -> None:
        while self._watching and not self._watching.done():  # the driver can lose a cancellation
            self._watching.cancel()
            await asyncio.wait({self._watching}, timeout=_LOOK_SECONDS)

    def follow(self, engine: AsyncEngine) -> None:
        """Look whenever this engine or its pool meets an error. The first one is also asked now and then."""
        self._engine = self._engine or engine
        event.listen(engine.sync_engine, "handle_error", self._note_error)
        event.listen(engine.sync_engine, "invalidate", self._note_lost)

    def _note_error(self, context: ExceptionContext) -> None:
        if context.is_disconnect or isinstance(context.original_exception, psycopg.OperationalError):
            self._failed.set()

    def _note_lost(self, *_: Any) -> None:
        self._failed.set()

    async def _watch(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._failed.wait(), _ASKED_SECONDS)
            if not self._failed.is_set() and await self._answers():
                continue
            if reason := await self._why_away():
                await self._tell_until_back(reason)
            self._failed.clear()
            await asyncio.sleep(_LOOK_SECONDS)

    async def _tell_until_back(self, reason: str) -> None:
        gone = told = tried = time.monotonic()
        _log.error("database.away", reason=reason)
        refused = await self._try_to_start()
        while again := await self._why_away():
            now = time.monotonic()
            if now - tried >= _ASKED_SECONDS:
                tried, refused = now, await self._try_to_start()
            if now - told >= _TOLD_SECONDS:
                told = now
                _log.error("database.still_away", reason=refused or again, seconds=round(now - gone))
            await asyncio.sleep(_LOOK_SECONDS)
        _log.warning("database.back", seconds=round(time.monotonic() - gone))

    async def _try_to_start(self) -> str:
        """Why the embedded server does not start, '' if it runs or the database is somebody's own."""
        try:
            if self._start_again:
                await asyncio.to_thread(self._start_again)
        except OperatorMends as error:
            return error.message
        return ""

    async def _answers(self) -> bool:
        """Whether a session of the pool answers and may write. A pool that has none free tells nothing."""
        if self._engine is None:
            return True
        try:
            async with self._engine.connect() as connection:
                return bool((await connection.exec_driver_sql(_READ_ONLY)).scalar_one() == "off")
        except PoolTimeout:
            return True
        except (SQLAlchemyError, OperatorMends):
            return False

    async def _why_away(self) -> str:
        """The reason in the server's first line, '' if the database takes writes from sessions such as ours."""
        try:
            async with await psycopg.AsyncConnection.connect(self._dsn, autocommit=True) as connection:
                await verify_session(connection)
                row = await (await connection.execute(_READ_ONLY)).fetchone()
        except (psycopg.Error, OSError, OperatorMends) as error:
            return first_line_of(error)
        return "The database is read-only." if row and row[0] == "on" else ""
