"""Connection pools for the service's role. Each new session is verified; lost and read-only ones are removed."""

from __future__ import annotations

import select
from typing import Any

from psycopg import AsyncConnection
from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from adapters.outbound.postgres.server.failures import read_only
from adapters.outbound.postgres.server.role import as_role
from adapters.outbound.postgres.server.session import verify_new


def service_engine(url: str, **pool: Any) -> AsyncEngine:
    """Return an engine. `pool` holds arguments of SQLAlchemy's `create_async_engine`."""
    engine = create_async_engine(as_role(url), **pool)
    event.listen(engine.sync_engine, "connect", verify_new)
    event.listen(engine.sync_engine, "handle_error", _leave_if_read_only)
    event.listen(engine.sync_engine, "checkout", _leave_if_closed)
    return engine


def _leave_if_read_only(context: ExceptionContext) -> None:
    """Treat a read-only session as lost, so that the next try connects again. It passes every check of the pool but
    never becomes writable: its server is now a replica, or writing was off when it began."""
    if read_only(context.original_exception):
        context.is_disconnect = True


def _leave_if_closed(connection: Any, *_: object) -> None:
    if has_ended(connection.driver_connection):
        raise DisconnectionError("The server has ended this session.")


def has_ended(connection: AsyncConnection[Any]) -> bool:
    """Whether a session is closed, or the server has ended it. That is seen without asking the server: an idle session
    receives nothing, so its socket is readable only if the server has said that it ends, or has closed it."""
    if connection.closed:
        return True
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))
