"""Pools of connections as the service's role. No session that turns out to be read-only stays in one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from adapters.outbound.postgres.server.failures import read_only
from adapters.outbound.postgres.server.role import as_role


def service_engine(url: str, **pool: Any) -> AsyncEngine:
    """`pool`: what SQLAlchemy's `create_async_engine` takes."""
    engine = create_async_engine(as_role(url), **pool)
    event.listen(engine.sync_engine, "handle_error", _leave_if_read_only)
    return engine


def _leave_if_read_only(context: ExceptionContext) -> None:
    """A session with a server that is a copy by now, or that began while writing was off, answers every check of the
    pool and never becomes writable: it is treated as a lost one, so the next try connects anew."""
    if read_only(context.original_exception):
        context.is_disconnect = True
