"""Migrates a database to the schema of this version."""

from __future__ import annotations

import asyncio

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from adapters.outbound.postgres.migrations.statements import replace_functions
from adapters.outbound.postgres.server.role import grant_rights, make_role
from adapters.outbound.postgres.server.schema import MIGRATIONS, on_connection, require_known
from adapters.outbound.postgres.server.session import require_server

_LOCK = 4_718_823_001
"""Lock for one migration at a time, even if several processes start at once."""


async def migrate(url: str) -> None:
    """Create or upgrade everything, as the user of `url`. Safe to run again and from several processes at once.

    Raises OperatorMends (DATABASE_UNREACHABLE, DATABASE_UNSUITABLE, DATABASE_ROLE_MISSING, SCHEMA_BEHIND for a schema
    that is not known).
    """
    await asyncio.to_thread(on_connection, url, _upgrade)


def _upgrade(connection: Connection) -> None:
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    require_server(connection)
    before = require_known(connection)
    make_role(connection)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    if not before.up_to_date:  # otherwise it would wait for what is just being written
        replace_functions(connection)
    grant_rights(connection)
