"""Hears committed changes by LISTEN, on one connection of the process, however many wait.

Triggers tell of them (migrations/sql/changes.sql). The connection is opened when somebody waits for the first time, and
again whenever it is lost.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing, suppress
from typing import Self

import psycopg
import structlog

from adapters.outbound.postgres.server.failures import first_line_of
from adapters.outbound.postgres.server.role import CHANGE_FEED, as_role_dsn
from adapters.outbound.postgres.server.session import verify_session
from adapters.outbound.subscriptions import Subscriptions
from core.model.shared.errors import OperatorMends
from ports.change_feed import Subscription

_log = structlog.get_logger()
CHANNEL = "jobferry_changes"
_ASKED_EVERY = _HEARD_WITHIN = 5.0
"""Seconds. A connection that was cut without a word is noticed after both."""
_AGAIN_SECONDS = 1.0


class PostgresChangeFeed(Subscriptions):
    """Listens until the end of its `async with` block."""

    def __init__(self, url: str) -> None:
        super().__init__(listening=False)
        self._dsn = as_role_dsn(url)
        self._listener: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.end()
        if self._listener:
            self._listener.cancel()
            with suppress(asyncio.CancelledError):
                await self._listener

    def subscribe(self, *topics: str) -> Subscription:
        if self._listener is None and not self.ended:
            self._listener = asyncio.create_task(self._keep_listening())
        return super().subscribe(*topics)

    async def _keep_listening(self) -> None:
        told = False
        while True:
            try:
                await self._listen()
            except (psycopg.Error, OSError, TimeoutError, OperatorMends) as error:
                if not told or self.listening:  # once until it is heard again
                    _log.warning("changes.not_heard", reason=type(error).__name__, detail=first_line_of(error))
                told = True
            if self.listening:
                self.set_listening(False)
            await asyncio.sleep(_AGAIN_SECONDS)

    async def _listen(self) -> None:
        connecting = psycopg.AsyncConnection.connect(self._dsn, autocommit=True, application_name=CHANGE_FEED)
        async with await connecting as connection:
            await verify_session(connection)
            await connection.execute(f"LISTEN {CHANNEL}")
            await self._hear_ourselves(connection)
            self.set_listening(True)
            while True:
                async for notice in connection.notifies(timeout=_ASKED_EVERY):
                    self.tell(notice.payload)
                await self._hear_ourselves(connection)

    async def _hear_ourselves(self, connection: psycopg.AsyncConnection) -> None:
        """Notify ourselves: a connection that was cut, or a pooler in between, may answer and yet pass nothing on."""
        ours = f"listener {connection.info.backend_pid}"
        async with asyncio.timeout(_HEARD_WITHIN), aclosing(connection.notifies()) as notices:
            await connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, ours))
            async for notice in notices:
                self.tell(notice.payload)
                if notice.payload == ours:
                    return
