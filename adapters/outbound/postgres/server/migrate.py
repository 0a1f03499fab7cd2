"""Migrates a database to the schema of this version."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import partial

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from adapters.outbound.postgres.migrations.statements import replace_functions
from adapters.outbound.postgres.server.role import CHANGE_FEED, grant_rights, make_role, name_of_service
from adapters.outbound.postgres.server.schema import MIGRATIONS, on_connection, require_known
from adapters.outbound.postgres.server.session import require_server
from core.model.shared.errors import Conflict

_LOCK = 4_718_823_001
"""Lock for one migration at a time, even if several processes start at once."""
_ENDING_SECONDS, _LOOK_AGAIN_SECONDS = 2.0, 0.05
_FORGET = text("SELECT pg_stat_clear_snapshot()")
"""Otherwise a transaction sees the sessions as they were when it looked first."""
_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND backend_type = 'client backend' AND application_name IN ('', :changes, :service)"
)
"""Sessions of `serve`, `worker` and other commands. Tools of an administrator give their own names."""

BeforeUpgrade = Callable[[str], None]
"""What is done before the schema that is named is upgraded, while no other migration runs."""


async def migrate(url: str, before: BeforeUpgrade | None = None) -> str | None:
    """Create or upgrade everything, as the user of `url`. Safe to run again and from several processes at once: all of
    it is done, or nothing. What `before` raises ends it, too.

    Returns the former schema if there was one that had to be upgraded. Raises Conflict (DATABASE_IN_USE) if it is in
    use then, OperatorMends (DATABASE_UNREACHABLE, DATABASE_UNSUITABLE, DATABASE_ROLE_MISSING, SCHEMA_BEHIND for a
    schema that is not known).
    """
    return await asyncio.to_thread(on_connection, url, partial(_migrate, before=before, service=name_of_service(url)))


def _migrate(connection: Connection, before: BeforeUpgrade | None, service: str) -> str | None:
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    require_server(connection)
    state = require_known(connection)
    former = None if state.up_to_date else state.current
    if former:
        _require_unused(connection, service)
        if before:
            before(former)
        # A process of the former version that starts now waits, and is refused then.
        connection.execute(text("LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE"))
        _require_unused(connection, service)
    make_role(connection)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    if not state.up_to_date:  # otherwise it would wait for what is just being written
        replace_functions(connection)
    grant_rights(connection)
    return former


def _require_unused(connection: Connection, service: str) -> None:
    """A process of the former version would go on, and write by the rules of that version. The sessions of one that was
    stopped just now end within moments."""
    ended_by = time.monotonic() + _ENDING_SECONDS
    while number := _others(connection, service):
        if time.monotonic() < ended_by:
            time.sleep(_LOOK_AGAIN_SECONDS)
            continue
        raise Conflict(
            f"The database is in use ({number} sessions), so its schema cannot be upgraded. Nothing was changed.",
            code="DATABASE_IN_USE",
            fix="Stop `serve`, every `worker` and other commands of this installation, and end the idle sessions of a "
            "pooler. Then run the command again.",
        )


def _others(connection: Connection, service: str) -> int:
    connection.execute(_FORGET)
    return int(connection.scalar(_OTHERS, {"changes": CHANGE_FEED, "service": service}) or 0)
