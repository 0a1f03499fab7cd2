"""Rotation of the installation's encryption key while it is in use: add a new key, encrypt every secret with it, drop
the old key. If it is killed at any moment, all secrets stay readable and the next run continues."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog

from adapters.bootstrap.database import open_database
from adapters.bootstrap.encryption_key import keys_in_settings, open_vault
from adapters.bootstrap.settings import Settings
from adapters.outbound.postgres.operations.resealing import KeyedTenant, Resealing, only_rotation
from adapters.outbound.postgres.server.schema import require_schema
from adapters.outbound.postgres.transactions import PostgresTransactions, make_engine
from adapters.outbound.vault.key_file import read_key_file, replace_key_file
from adapters.outbound.vault.master_key import new_key
from core.model.operations.audit import AuditEntry
from core.model.shared.errors import OperatorMends, TimeMends

_TRIES = 3
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Rotation:
    """What one run did. `left` are tenants whose secrets could not be decrypted; the old keys stay for them."""

    key_made: bool
    resealed: tuple[str, ...]
    left: tuple[str, ...]
    keys_dropped: int
    keys_to_drop: int


async def rotate(settings: Settings, *, by: str) -> Rotation:
    """Rotate the key. Raises OperatorMends or Conflict before it changes anything; TimeMends if it is interrupted."""
    async with open_database(settings) as url:
        await require_schema(url)
        async with only_rotation(url):
            return await _rotate(settings, url, by)


async def _rotate(settings: Settings, url: str, by: str) -> Rotation:
    transactions = PostgresTransactions(engine := make_engine(url, pool_size=1), open_vault(settings))
    in_settings = keys_in_settings(settings)
    try:
        await transactions.require_key()
        key_made = _refuse_a_single(in_settings) if in_settings else _begin(settings.key_file)
        resealed, left = await _reseal_all(transactions.resealing())
        async with transactions.begin_instance() as i:
            detail = {"tenants": ", ".join(resealed)} | ({"not_possible": ", ".join(left)} if left else {})
            await i.audit.record(AuditEntry(datetime.now(UTC), by, "encryption_key.rotated", "encryption_key", detail))
    finally:
        await engine.dispose()
    dropped = 0 if left or in_settings else _end(settings.key_file)
    return Rotation(key_made, tuple(resealed), tuple(left), dropped, 0 if left else len(in_settings[1:]))


def _begin(path: Path) -> bool:
    """Put a new key at the top of the file, unless an unfinished run has put one there. True if it did."""
    keys = read_key_file(path)
    if len(keys) > 1:
        return False
    _replace(path, (new_key(), *keys))
    return True


def _end(path: Path) -> int:
    """Drop all keys except the first. Returns how many."""
    first, *others = read_key_file(path)
    if others:
        _replace(path, (first,))
    return len(others)


async def _reseal_all(resealing: Resealing) -> tuple[list[str], list[str]]:
    """Slugs of the tenants whose secrets were encrypted again, and of those whose secrets cannot be decrypted."""
    resealed: list[str] = []
    failed: dict[str, str] = {}
    while todo := [one for one in await resealing.tenants_left() if one.id not in failed]:
        for tenant in todo:
            try:
                if await _reseal(resealing, tenant):
                    resealed.append(tenant.slug)
            except OperatorMends as error:
                _log.error("secrets.not_resealed", tenant=tenant.slug, code=error.code)
                failed[tenant.id] = tenant.slug
    return resealed, list(failed.values())


async def _reseal(resealing: Resealing, tenant: KeyedTenant) -> bool:
    """Retries after a lock time-out or a short failure of the database. True if the tenant was resealed."""
    for _ in range(_TRIES - 1):
        try:
            return await resealing.reseal(tenant.id)
        except TimeMends as error:
            _log.warning("secrets.reseal_again", tenant=tenant.slug, code=error.code)
    return await resealing.reseal(tenant.id)


def _replace(path: Path, keys: tuple[bytes, ...]) -> None:
    try:
        replace_key_file(path, keys)
    except OSError as error:
        raise OperatorMends(
            f"The encryption key file {path} cannot be replaced: {error.strerror}.",
            code="KEY_FILE_UNWRITABLE",
            fix="Run this as the user that owns the file, in a folder where that user may write. A file that is "
            "mounted alone cannot be replaced: mount its folder. Or change the key by hand: docs/operators.md.",
        ) from error


def _refuse_a_single(keys: tuple[bytes, ...]) -> bool:
    if len(keys) > 1:
        return False
    raise OperatorMends(
        "The encryption key comes from JOBFERRY_ENCRYPTION_KEY, which this command cannot change.",
        code="ENCRYPTION_KEY_IN_SETTINGS",
        fix="1. Make a new key: openssl rand -base64 32. 2. Set JOBFERRY_ENCRYPTION_KEY=OLD,NEW everywhere and "
        "restart, so that every process can decrypt with both. 3. Set JOBFERRY_ENCRYPTION_KEY=NEW,OLD everywhere and "
        "restart. 4. Run this command again. 5. Set JOBFERRY_ENCRYPTION_KEY=NEW everywhere.",
    )
