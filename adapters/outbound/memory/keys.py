"""API keys, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from adapters.outbound.memory.rows import StoredApiKey
from core.model.access.api_key import ApiKey
from core.model.shared.errors import NotFound
from ports.storage.keys import Keys


class MemoryKeys(Keys):
    def __init__(self, rows: dict[str, StoredApiKey], tenant_id: str | None) -> None:
        self._rows = rows
        self._tenant_id = tenant_id

    async def add(self, key: ApiKey, digest: bytes) -> None:
        self._rows[key.id] = StoredApiKey(key, digest)

    async def get(self, key_id: str) -> ApiKey:
        return self._stored(key_id).key

    async def all(self) -> Sequence[ApiKey]:
        mine = (stored.key for stored in self._rows.values() if stored.key.tenant_id == self._tenant_id)
        return sorted(mine, key=lambda key: (key.created_at, key.id), reverse=True)

    async def end(self, key_id: str, *, expires_at: datetime | None = None, revoked_at: datetime | None = None) -> None:
        stored = self._stored(key_id)
        key = replace(
            stored.key,
            expires_at=expires_at or stored.key.expires_at,
            revoked_at=revoked_at or stored.key.revoked_at,
        )
        self._rows[key_id] = replace(stored, key=key)

    def _stored(self, key_id: str) -> StoredApiKey:
        stored = self._rows.get(key_id)
        if stored is None or stored.key.tenant_id != self._tenant_id:
            raise NotFound(f"There is no key {key_id}.", code="KEY_NOT_FOUND")
        return stored
