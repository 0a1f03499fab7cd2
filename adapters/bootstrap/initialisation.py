"""Sets up an installation: its database, its encryption key and its first operator key. It is safe to run again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from adapters.bootstrap.database import open_database
from adapters.bootstrap.encryption_key import ensure_key
from adapters.bootstrap.runtime import open_runtime
from adapters.bootstrap.settings import Settings
from adapters.outbound.postgres.server.backup import make_backup
from adapters.outbound.postgres.server.migrate import migrate
from core.model.access.caller import Caller
from core.model.shared.errors import BadInput, OperatorMends
from core.services.access.api_keys import KeyRequest


@dataclass(frozen=True, slots=True)
class Made:
    """What `init` made. `operator_key` is None if there was one already and no other was asked for, `former` is the
    schema that was upgraded, and `backup` holds the database of before."""

    encryption_key: bool
    operator_key: str | None
    former: str | None = None
    backup: Path | None = None


async def initialise(settings: Settings, *, new_key: bool = False, backup: bool = True) -> Made:
    """With `backup`, an older schema is upgraded only after a backup was made.

    Raises Conflict (DATABASE_IN_USE) if an older schema is in use, OperatorMends if the database cannot be used, the
    backup or the key file cannot be made, or the key is lost.
    """
    async with open_database(settings, create=True) as url:
        made_before: list[Path] = []

        def before(schema: str) -> None:
            made_before.append(_back_up(settings, url, schema))

        former = await migrate(url, before if backup else None)
        encryption_key = ensure_key(settings)
        try:
            async with open_runtime(settings) as runtime:
                keys, operator_key = runtime.use_cases.api_keys, None
                if new_key or not await keys.any():
                    made = await keys.create(KeyRequest(name="init"), Caller(who="init"))
                    operator_key = made.text
        except OperatorMends as error:
            if not encryption_key or error.code != "SECRET_UNREADABLE":
                raise
            settings.key_file.unlink()  # the new key cannot open the stored secrets
            raise _lost_key(settings) from error
    return Made(encryption_key, operator_key, former, next(iter(made_before), None))


def _back_up(settings: Settings, url: str, schema: str) -> Path:
    folder = settings.data_dir / "backups"
    file = folder / f"schema-{schema}-{datetime.now(UTC):%Y-%m-%dT%H%M%S.%f}.backup"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        make_backup(url, file)
    except (OSError, BadInput, OperatorMends) as error:
        raise OperatorMends(
            f"The schema {schema} was not upgraded, because no backup could be made in {folder} first: {error}",
            code="BACKUP_FAILED",
            fix="Remove the cause and run `jobferry init` again. If you have a backup of your own, made after all "
            "processes were stopped, run `jobferry init --no-backup`.",
        ) from error
    return file


def _lost_key(settings: Settings) -> OperatorMends:
    """A new key would hide the loss until the first send fails."""
    return OperatorMends(
        f"The database holds tenants, but their encryption key is gone: {settings.key_file} does not exist.",
        code="ENCRYPTION_KEY_MISSING",
        fix="Restore the key file from its copy, or name it with JOBFERRY_ENCRYPTION_KEY_FILE. Without a copy "
        "nobody can read the stored passwords and Authorization IDs any more, and a new key does not help. Then use "
        "another data folder or database (--data-dir, JOBFERRY_DATABASE_URL) and add tenants and connections again; "
        "the old database keeps the record of what was sent.",
    )
