"""Restores a backup: loads it into an empty database, and holds items until a person has compared them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

from adapters.bootstrap.database import open_database
from adapters.bootstrap.encryption_key import open_vault
from adapters.bootstrap.settings import Settings
from adapters.outbound.ids import UlidIds
from adapters.outbound.intent_mark.file_intent_mark import FileIntentMark
from adapters.outbound.postgres.server.backup import RowCounts, make_backup
from adapters.outbound.postgres.server.embedded import FORMER, EmbeddedPostgres
from adapters.outbound.postgres.server.load_backup import load_backup
from adapters.outbound.postgres.server.migrate import migrate
from adapters.outbound.postgres.server.schema import require_schema
from adapters.outbound.postgres.transactions import PostgresTransactions, make_engine
from core.model.connections.connection import Connection
from core.services.sending.hold_restored import HoldItems, HoldRestored, restored
from ports.vault import Vault


@dataclass(frozen=True, slots=True)
class RestoredDatabase:
    """`former` is the name of the embedded database that was replaced, if there was one."""

    rows: RowCounts
    held: Sequence[Connection]
    former: str | None


async def back_up(settings: Settings, file: Path) -> RowCounts:
    """Write a backup to the new `file`. Raises what `open_database`, `require_schema` and `make_backup` do."""
    async with open_database(settings) as url:
        await require_schema(url)
        return await asyncio.to_thread(make_backup, url, file)


async def restore(settings: Settings, file: Path) -> RestoredDatabase:
    """Restore `file`. Every connection is held for items then, whatever this machine knows.

    Raises Conflict (DATABASE_NOT_EMPTY, DATABASE_IN_USE), BadInput (BACKUP_UNREADABLE), OperatorMends for a missing or
    other encryption key, an intent mark that cannot be read, or a database that cannot be used. The embedded database
    is then as it was.
    """
    vault, mark = open_vault(settings), FileIntentMark(settings.intents_dir)
    mark.highest()  # one that cannot be read is told before anything is loaded
    async with _empty_database(settings) as (url, use):
        quiet = timedelta(seconds=settings.quiet_period_seconds)
        rows = await asyncio.to_thread(partial(load_backup, url, file, hold=restored(), quiet=quiet))
        await migrate(url)
        held = await _hold(url, vault, mark, quiet)
        former = await asyncio.to_thread(use)
    return RestoredDatabase(rows, held, former)


async def _hold(url: str, vault: Vault, mark: FileIntentMark, quiet: timedelta) -> Sequence[Connection]:
    """The items are held since they were loaded: note it, tell people, and take this machine's mark into account. All
    this before the key is looked at, because a database whose key is elsewhere may be started there."""
    transactions = PostgresTransactions(engine := make_engine(url, pool_size=1), vault)
    try:
        held = await HoldRestored(transactions, mark, HoldItems(UlidIds(), quiet))(loaded=True)
        await transactions.require_key()
    finally:
        await engine.dispose()
    return held


@asynccontextmanager
async def _empty_database(settings: Settings) -> AsyncIterator[tuple[str, Callable[[], str | None]]]:
    """The address of the database to load into, and what puts it in the place of the present one. A PostgreSQL of one's
    own is the configured one already."""
    if settings.database_url:
        async with open_database(settings) as url:
            yield url, lambda: None
        return
    replaces = EmbeddedPostgres.made_in(settings.data_dir)
    async with open_database(settings, create=True):
        embedded = await asyncio.to_thread(EmbeddedPostgres.start, settings.data_dir)
        try:

            def use() -> str | None:
                embedded.use_restored()
                return FORMER if replaces else None

            yield await asyncio.to_thread(embedded.make_empty), use
        finally:
            await asyncio.to_thread(embedded.close)
