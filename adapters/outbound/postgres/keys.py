"""API keys: hashes and rights."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import RowMapping, select, update

from adapters.outbound.postgres.records import columns, made
from adapters.outbound.postgres.repository import Repository, newest
from adapters.outbound.postgres.tables.setup import api_keys
from core.model.access.api_key import ApiKey, Scope
from core.model.shared.errors import NotFound
from ports.storage.keys import Keys


class PostgresKeys(Repository, Keys):
    async def add(self, key: ApiKey, digest: bytes) -> None:
        values = columns(key, "tenant_id", "revoked_at", "last_used_at", scopes=sorted(key.scopes), digest=digest)
        await self._add(api_keys, values)

    async def get(self, key_id: str) -> ApiKey:
        return key_of(await self._row_or(_missing(key_id), select(api_keys).where(self._ours(api_keys, id=key_id))))

    async def page(self, *, limit: int, before: str | None = None) -> Sequence[ApiKey]:
        query = select(api_keys).where(self._ours(api_keys))
        return [key_of(row) for row in await self._rows(newest(query, api_keys.c.id, limit, before))]

    async def end(self, key_id: str, *, expires_at: datetime | None = None, revoked_at: datetime | None = None) -> None:
        given = {"expires_at": expires_at, "revoked_at": revoked_at}
        key = update(api_keys).where(self._ours(api_keys, id=key_id))
        changes = {name: moment for name, moment in given.items() if moment}
        await self._run_or(_missing(key_id), key.values(changes))


def key_of(row: RowMapping) -> ApiKey:
    return made(ApiKey, row, scopes=frozenset(Scope(name) for name in row["scopes"]))


def _missing(key_id: str) -> NotFound:
    return NotFound(f"There is no key {key_id}.", code="KEY_NOT_FOUND", fix="Look in the list of keys.")
