"""Rotation of client secrets: the sealed next secret, its expiry, and the time of the next check."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, RowMapping, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.outbound.postgres.connections import CLIENT_SECRET, connection_missing, secret_field
from adapters.outbound.postgres.data_keys import held_data_key
from adapters.outbound.postgres.tables import connections, secret_due, tenants
from core.model.connections.client_secret import KeptSecret, NewSecret
from core.model.shared.secret import Secret
from ports.storage.client_secrets import ClientSecrets
from ports.vault import Vault

NEXT = "next_client_secret"


class PostgresClientSecrets(ClientSecrets):
    def __init__(self, connection: AsyncConnection, tenant_id: str, vault: Vault) -> None:
        self._connection = connection
        self._tenant_id = tenant_id
        self._vault = vault

    async def get(self, connection_id: str) -> KeptSecret:
        row = await self._row(connection_id)
        return KeptSecret(
            row["client_secret_expires_at"],
            self._opened(connection_id, row),
            row["next_client_secret_expires_at"],
            row["secret_warned"],
        )

    async def claim(self, connection_id: str, now: datetime, until: datetime) -> bool:
        await self._row(connection_id)
        claimed = await self._connection.execute(
            insert(secret_due)
            .values(connection_id=connection_id, tenant_id=self._tenant_id, claimed_until=until)
            .on_conflict_do_update(
                index_elements=("connection_id",),
                set_={"claimed_until": until},
                where=secret_due.c.claimed_until.is_(None) | (secret_due.c.claimed_until <= now),
            )
            .returning(secret_due.c.connection_id)
        )
        return claimed.first() is not None

    async def release(self, connection_id: str, look_at: datetime | None) -> None:
        await self._row(connection_id)
        values = {"due_at": look_at, "claimed_until": None}
        await self._connection.execute(
            insert(secret_due)
            .values(connection_id=connection_id, tenant_id=self._tenant_id, **values)
            .on_conflict_do_update(index_elements=("connection_id",), set_=values)
        )

    async def keep_next(self, connection_id: str, new: NewSecret) -> None:
        sealed = await self._sealed(connection_id, NEXT, new.secret)
        await self._change(connection_id, next_client_secret=sealed, next_client_secret_expires_at=new.expires_at)

    async def promote(self, connection_id: str) -> None:
        kept = await self.get(connection_id)
        if kept.next is None:
            raise ValueError(f"the connection {connection_id} has no next client secret")
        await self._change(
            connection_id,
            client_secret=await self._sealed(connection_id, CLIENT_SECRET, kept.next),
            client_secret_expires_at=kept.next_expires_at,
            next_client_secret=None,
            next_client_secret_expires_at=None,
            secret_warned=None,
        )

    async def replaced(self, connection_id: str, expires_at: datetime | None, now: datetime) -> None:
        await self._change(
            connection_id,
            client_secret_expires_at=expires_at,
            next_client_secret=None,
            next_client_secret_expires_at=None,
            secret_warned=None,
        )
        await self._connection.execute(
            insert(secret_due)
            .values(connection_id=connection_id, tenant_id=self._tenant_id, due_at=now)
            .on_conflict_do_update(index_elements=("connection_id",), set_={"due_at": now})
        )

    async def note_warned(self, connection_id: str, stage: int) -> None:
        await self._change(connection_id, secret_warned=stage)

    async def _row(self, connection_id: str) -> RowMapping:
        # One statement reads the secret and its key: between two, a key rotation could seal it again.
        found = await self._connection.execute(
            select(connections, tenants.c.data_key)
            .join(tenants, tenants.c.id == connections.c.tenant_id)
            .where(self._is(connection_id))
        )
        row = found.mappings().first()
        if row is None:
            raise connection_missing(connection_id)
        return row

    def _opened(self, connection_id: str, row: RowMapping) -> Secret | None:
        if row["next_client_secret"] is None:
            return None
        field = secret_field(connection_id, NEXT)
        return self._vault.open(row["data_key"], self._tenant_id, field, row["next_client_secret"])

    async def _sealed(self, connection_id: str, name: str, secret: Secret) -> bytes:
        data_key = await held_data_key(self._connection, self._tenant_id)
        return self._vault.seal(data_key, self._tenant_id, secret_field(connection_id, name), secret)

    async def _change(self, connection_id: str, **values: object) -> None:
        done = await self._connection.execute(update(connections).where(self._is(connection_id)).values(values))
        if done.rowcount == 0:
            raise connection_missing(connection_id)

    def _is(self, connection_id: str) -> ColumnElement[bool]:
        return (connections.c.tenant_id == self._tenant_id) & (connections.c.id == connection_id)
