"""Migrates a database to the schema of this version, and checks its version."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.outbound.postgres.server.failures import passing, unreachable
from adapters.outbound.postgres.server.role import grant_rights, make_role, require_role
from core.model.shared.errors import OperatorMends

_LOCK = 4_718_823_001
"""Lock for one migration at a time, even if several processes start at once."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class MigrationState:
    """`current` is None for a database without our schema. If it is not `known`, another version made it."""

    current: str | None
    head: str
    known: bool

    @property
    def up_to_date(self) -> bool:
        return self.current == self.head


async def migrate(url: str) -> None:
    """Create or upgrade everything, as the user of `url`. Safe to run again and from several processes at once.

    Raises OperatorMends (DATABASE_UNREACHABLE, DATABASE_ROLE_MISSING, SCHEMA_BEHIND for a schema that is not known).
    """
    await asyncio.to_thread(_on_connection, url, _upgrade)


async def migration_state(url: str) -> MigrationState:
    """Return the schema version of the database. Raises OperatorMends (DATABASE_UNREACHABLE)."""
    return await asyncio.to_thread(_on_connection, url, _state)


async def require_schema(url: str) -> None:
    """Check that the service can work with this database.
    Raises OperatorMends (SCHEMA_BEHIND, DATABASE_ROLE_MISSING, DATABASE_UNREACHABLE)."""
    await asyncio.to_thread(_on_connection, url, _require)


async def require_schema_on(engine: AsyncEngine) -> None:
    """The same on a connection of the pool. Raises TimeMends (DATABASE_UNREACHABLE) if it gives none."""
    try:
        async with engine.connect() as connection:
            await connection.run_sync(_require)
    except SQLAlchemyError as error:
        raise passing(error) or error from error


def _require(connection: Connection) -> None:
    state = _known_state(connection)
    if not state.up_to_date:
        raise OperatorMends(
            f"The database schema is {state.current or 'missing'}; this version needs {state.head}.",
            code="SCHEMA_BEHIND",
            fix="Run `jobferry init`, which creates or upgrades it.",
        )
    require_role(connection)


def _on_connection(url: str, work: Callable[[Connection], T]) -> T:
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    try:
        with engine.begin() as connection:
            return work(connection)
    except DBAPIError as error:
        raise unreachable(error) from error
    finally:
        engine.dispose()


def _upgrade(connection: Connection) -> None:
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    _known_state(connection)
    make_role(connection)
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    grant_rights(connection)


def _state(connection: Connection) -> MigrationState:
    scripts = _scripts()
    current = MigrationContext.configure(connection).get_current_revision()
    known = current is None or current in {script.revision for script in scripts.walk_revisions()}
    return MigrationState(current, scripts.get_current_head() or "", known)


def _known_state(connection: Connection) -> MigrationState:
    """Alembic has no way from a schema that it does not know, and `jobferry init` cannot help."""
    state = _state(connection)
    if not state.known:
        raise OperatorMends(
            f"The database has the schema {state.current}, which this version does not know.",
            code="SCHEMA_BEHIND",
            fix="Start the version of Jobferry that was last used with this database, or a newer one.",
        )
    return state


@cache
def _scripts() -> ScriptDirectory:
    """They do not change while we run."""
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parents[1] / "migrations"))
    return config
