"""API keys: hashes and rights."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, RowMapping, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.outbound.postgres.tables import api_keys
from core.model.access.api_key import ApiKey, Scope
from core.model.shared.errors import NotFound
from ports.storage.keys import KeyRing, Keys


class PostgresKeys(Keys):
    """`tenant_id` None: the operator's keys."""

    def __init__(self, connection: AsyncConnection, tenant_id: str | None) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def add(self, key: ApiKey, digest: bytes) -> None:
        await self._connection.execute(
            insert(api_keys).values(
                id=key.id,
                tenant_id=self._tenant_id,
                digest=digest,
                prefix=key.prefix,
                name=key.name,
                scopes=sorted(key.scopes),
                created_at=key.created_at,
                created_by=key.created_by,
                expires_at=key.expires_at,
            )
        )

    async def get(self, key_id: str) -> ApiKey:
        found = await self._connection.execute(select(api_keys).where(self._mine(), api_keys.c.id == key_id))
        row = found.mappings().first()
        if row is None:
            raise _missing(key_id)
        return _key_of(row)

    async def all(self) -> Sequence[ApiKey]:
        query = select(api_keys).where(self._mine()).order_by(api_keys.c.created_at.desc(), api_keys.c.id.desc())
        return [_key_of(row) for row in (await self._connection.execute(query)).mappings()]

    async def end(self, key_id: str, *, expires_at: datetime | None = None, revoked_at: datetime | None = None) -> None:
        given = {"expires_at": expires_at, "revoked_at": revoked_at}
        done = await self._connection.execute(
            update(api_keys)
            .where(self._mine(), api_keys.c.id == key_id)
            .values({name: moment for name, moment in given.items() if moment})
        )
        if done.rowcount == 0:
            raise _missing(key_id)

    def _mine(self) -> ColumnElement[bool]:
        return api_keys.c.tenant_id.is_not_distinct_from(self._tenant_id)


class PostgresKeyRing(KeyRing):
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def find(self, digest: bytes) -> ApiKey | None:
        found = await self._connection.execute(select(api_keys).where(api_keys.c.digest == digest))
        row = found.mappings().first()
        return _key_of(row) if row else None

    async def used(self, key_id: str, at: datetime) -> None:
        await self._connection.execute(update(api_keys).where(api_keys.c.id == key_id).values(last_used_at=at))


def _key_of(row: RowMapping) -> ApiKey:
    return ApiKey(
        id=row["id"],
        prefix=row["prefix"],
        name=row["name"],
        tenant_id=row["tenant_id"],
        scopes=frozenset(Scope(name) for name in row["scopes"]),
        created_at=row["created_at"],
        created_by=row["created_by"],
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
        last_used_at=row["last_used_at"],
    )


def _missing(key_id: str) -> NotFound:
    return NotFound(f"There is no key {key_id}.", code="KEY_NOT_FOUND", fix="List them: jobferry keys list.")
