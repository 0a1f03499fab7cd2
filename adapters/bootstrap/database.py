"""The database of an installation: the configured one, or the embedded one."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from adapters.bootstrap.settings import Settings
from adapters.outbound.postgres.server.embedded import EmbeddedPostgres
from core.model.shared.errors import OperatorMends


@asynccontextmanager
async def open_database(settings: Settings, *, create: bool = False) -> AsyncIterator[str]:
    """The address of the configured database, or of the embedded one, which runs until its last user closes it.

    Only with `create` it makes an embedded one. Raises OperatorMends (INSTALLATION_MISSING) if there is none.
    """
    # What is made from here on is for this user alone: the data folder, the key, the intent mark.
    os.umask(0o077)
    if settings.database_url:
        yield settings.database_url.get_secret_value()
        return
    if not create and not EmbeddedPostgres.made_in(settings.data_dir):
        raise _no_installation(settings)
    embedded = await asyncio.to_thread(EmbeddedPostgres.start, settings.data_dir)
    try:
        yield embedded.url
    finally:
        await asyncio.to_thread(embedded.close)


def _no_installation(settings: Settings) -> OperatorMends:
    """It says where it looked, because an installation of another user or folder is easily taken for a lost one."""
    by = "as set" if "data_dir" in settings.model_fields_set else "the default"
    read = "was read" if settings.file.exists() else "does not exist"
    return OperatorMends(
        f"There is no installation in the data folder {settings.data_dir.absolute()} ({by}). "
        f"The settings file {settings.file} {read}.",
        code="INSTALLATION_MISSING",
        fix="Run `jobferry init` to set one up there. If it is elsewhere, name its place: --data-dir or --config, "
        "JOBFERRY_DATA_DIR, or JOBFERRY_DATABASE_URL for a PostgreSQL of your own.",
    )
