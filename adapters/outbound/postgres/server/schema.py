"""The schema version of a database, and the check that the service can work with it.

It needs no Alembic, which makes the schema (migrate.py) and takes long to import.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.outbound.postgres.server.failures import passing, unreachable
from adapters.outbound.postgres.server.pooler import require_sessions
from adapters.outbound.postgres.server.role import as_owner, require_role
from core.model.shared.errors import OperatorMends

MIGRATIONS = Path(__file__).parents[1] / "migrations"
REVISIONS = tuple(sorted(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py")))
"""The schema versions that this version knows, the newest last. A migration's file begins with its own."""

_HAS_VERSION = text("SELECT to_regclass('alembic_version') IS NOT NULL")
_VERSION = text("SELECT version_num FROM alembic_version")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SchemaState:
    """`current` is None for a database without our schema. If it is not `known`, another version made it."""

    current: str | None
    head: str
    known: bool

    @property
    def up_to_date(self) -> bool:
        return self.current == self.head


async def schema_state(url: str) -> SchemaState:
    """Return the schema version of the database. Raises OperatorMends (DATABASE_UNREACHABLE)."""
    return await asyncio.to_thread(on_connection, url, _state)


async def require_schema(url: str) -> None:
    """Check that the service can work with this database.
    Raises OperatorMends (SCHEMA_BEHIND, DATABASE_ROLE_MISSING, DATABASE_UNSUITABLE, DATABASE_UNREACHABLE)."""
    await asyncio.to_thread(on_connection, url, _require)
    await require_sessions(url)


async def require_schema_on(engine: AsyncEngine) -> None:
    """The same on a connection of the pool. Raises TimeMends (DATABASE_UNREACHABLE) if it gives none."""
    try:
        async with engine.connect() as connection:
            await connection.run_sync(_require)
    except SQLAlchemyError as error:
        raise passing(error) or error from error


def require_known(connection: Connection) -> SchemaState:
    """Return the state of a schema that can be upgraded, if it is not up to date.

    Raises OperatorMends (SCHEMA_BEHIND) for an unknown one: there is no way from it, and `jobferry init` cannot help.
    """
    state = _state(connection)
    if not state.known:
        raise unknown(f"The database has the schema {state.current}")
    return state


def unknown(said: str) -> OperatorMends:
    return OperatorMends(
        f"{said}, which this version does not know.",
        code="SCHEMA_BEHIND",
        fix="Start the version of Jobferry that was last used with this database, or a newer one.",
    )


def on_connection(url: str, work: Callable[[Connection], T]) -> T:
    """Return what `work` returns, in a transaction of its own. Raises OperatorMends (DATABASE_UNREACHABLE)."""
    engine = create_engine(as_owner(url))
    try:
        with engine.begin() as connection:
            return work(connection)
    except DBAPIError as error:
        raise unreachable(error) from error
    finally:
        engine.dispose()


def _require(connection: Connection) -> None:
    state = require_known(connection)
    if not state.up_to_date:
        url = connection.engine.url
        raise OperatorMends(
            f"The schema of the database {url.database} on {url.host or url.query.get('host')} is "
            f"{state.current or 'missing'}; this version needs {state.head}.",
            code="SCHEMA_BEHIND",
            fix="Run `jobferry init`, which creates or upgrades it.",
        )
    require_role(connection)


def _state(connection: Connection) -> SchemaState:
    current = connection.scalar(_VERSION) if connection.scalar(_HAS_VERSION) else None
    return SchemaState(current, REVISIONS[-1], known=current is None or current in REVISIONS)
