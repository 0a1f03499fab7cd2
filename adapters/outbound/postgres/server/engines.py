"""Connection pools for the service's role. A read-only session is removed from its pool."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from adapters.outbound.postgres.server.failures import read_only
from adapters.outbound.postgres.server.role import as_role


def service_engine(url: str, **pool: Any) -> AsyncEngine:
    """Return an engine. `pool` holds arguments of SQLAlchemy's `create_async_engine`."""
    engine = create_async_engine(as_role(url), **pool)
    event.listen(engine.sync_engine, "handle_error", _leave_if_read_only)
    return engine


def _leave_if_read_only(context: ExceptionContext) -> None:
    """Treat a read-only session as lost, so that the next try connects again. It passes every check of the pool but
    never becomes writable: its server is now a replica, or writing was off when it began."""
    if read_only(context.original_exception):
        context.is_disconnect = True
