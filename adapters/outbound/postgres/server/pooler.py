"""Checks at the start that a session stays one session: between its transactions it keeps the same server process.

A pooler in transaction mode gives each transaction another one. Then LISTEN hears nothing, a prepared statement or a
lock of the session is missing in the next transaction, and the queue does not work.
"""

from __future__ import annotations

import asyncio
from typing import Any

import psycopg

from adapters.outbound.postgres.server.failures import POOLER_FIX, unreachable, unsuitable
from adapters.outbound.postgres.server.role import as_role_dsn
from adapters.outbound.postgres.server.session import verify_session

_CHANNEL = "jobferry_start"
_PATIENCE_SECONDS = 10.0


async def require_sessions(url: str) -> None:
    """Raises OperatorMends (DATABASE_UNSUITABLE, DATABASE_UNREACHABLE), in the server's words if it refuses."""
    dsn = as_role_dsn(url)
    try:
        async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as own:
            await verify_session(own)
            process = await _process(own)
            if process != own.info.backend_pid:  # somebody in between has answered in the server's place
                async with asyncio.timeout(_PATIENCE_SECONDS):
                    await _require_one_process(own, process, dsn)
            await _require_prepared(own)
            await _require_notices(own)
    except psycopg.Error as error:
        raise unreachable(error) from error
    except TimeoutError as error:
        raise unsuitable(
            "A pooler is between Jobferry and the database, and gives no second session.", POOLER_FIX
        ) from error


async def _process(connection: psycopg.AsyncConnection[Any]) -> int:
    """The process of the server that carries out this transaction."""
    row = await (await connection.execute("SELECT pg_backend_pid()")).fetchone()
    return int(row[0]) if row else 0


async def _require_one_process(own: psycopg.AsyncConnection[Any], process: int, dsn: str) -> None:
    """A pooler in transaction mode takes the free server process that was used last, or the one used longest ago. So
    either a second session gets ours while we are idle, or we get another one."""
    kept = await _process(own) == process
    if kept:
        async with await psycopg.AsyncConnection.connect(dsn) as other:
            kept = await _process(other) != process and await _process(own) == process
    if not kept:
        raise unsuitable(
            "A pooler in transaction mode is between Jobferry and the database: the transactions of one session are "
            "carried out by different server processes. LISTEN, prepared statements and locks need a session.",
            POOLER_FIX,
        )


async def _require_prepared(own: psycopg.AsyncConnection[Any]) -> None:
    for _ in range(2):
        await own.execute("SELECT 1", prepare=True)


async def _require_notices(own: psycopg.AsyncConnection[Any]) -> None:
    await own.execute(f"LISTEN {_CHANNEL}")
    await own.execute("SELECT pg_notify(%s, '')", (_CHANNEL,))
    heard = [notice async for notice in own.notifies(timeout=_PATIENCE_SECONDS, stop_after=1)]
    await own.execute(f"UNLISTEN {_CHANNEL}")
    if not heard:
        raise unsuitable(
            "A session hears nothing of NOTIFY: something between Jobferry and the database drops it.", POOLER_FIX
        )
