"""Rotation of client secrets: the sealed next secret, its expiry, and the time of the next check."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import RowMapping, or_, update

from adapters.outbound.postgres.connections import CLIENT_SECRET, connection_missing
from adapters.outbound.postgres.due_moments import DueMoments
from adapters.outbound.postgres.repository import SealingRepository
from adapters.outbound.postgres.tables.setup import connections
from core.model.connections.client_secret import KeptSecret, NewSecret
from ports.storage.client_secrets import ClientSecrets
from ports.storage.due_work import WorkKind

NEXT = "next_client_secret"
_NO_NEXT = {NEXT: None, "next_client_secret_expires_at": None, "secret_warned": None}


class PostgresClientSecrets(SealingRepository, ClientSecrets):
    async def get(self, connection_id: str) -> KeptSecret:
        row = await self._kept(connection_id)
        return KeptSecret(
            row["client_secret_expires_at"],
            row[NEXT] and self._opened(connections, row, NEXT),
            row["next_client_secret_expires_at"],
            row["secret_warned"],
        )

    async def claim(self, connection_id: str, now: datetime, until: datetime) -> bool:
        await self._kept(connection_id)
        claimed_until = connections.c.secret_claimed_until
        free = or_(claimed_until.is_(None), claimed_until <= now)
        this = update(connections).where(self._ours(connections, id=connection_id), free)
        return bool(await self._run(this.values(secret_claimed_until=until)))

    async def release(self, connection_id: str) -> None:
        await self._change(connection_id, secret_claimed_until=None)

    async def set_due(self, connection_id: str, at: datetime | None) -> None:
        if not await DueMoments(self._connection, self._tenant_id).set(WorkKind.EXPIRY, connection_id, at):
            raise connection_missing(connection_id)

    async def keep_next(self, connection_id: str, new: NewSecret) -> None:
        sealed = await self._sealed(connections, connection_id, **{NEXT: new.secret})
        await self._change(connection_id, **sealed, next_client_secret_expires_at=new.expires_at)

    async def promote(self, connection_id: str) -> None:
        kept = await self.get(connection_id)
        if kept.next is None:
            raise ValueError(f"the connection {connection_id} has no next client secret")
        await self._change(
            connection_id,
            **await self._sealed(connections, connection_id, **{CLIENT_SECRET: kept.next}),
            client_secret_expires_at=kept.next_expires_at,
            **_NO_NEXT,
        )

    async def replaced(self, connection_id: str, expires_at: datetime | None, now: datetime) -> None:
        await self._change(connection_id, client_secret_expires_at=expires_at, **_NO_NEXT)
        await self.set_due(connection_id, now)

    async def note_warned(self, connection_id: str, stage: int) -> None:
        await self._change(connection_id, secret_warned=stage)

    async def _kept(self, connection_id: str) -> RowMapping:
        return await self._with_data_key(connection_missing(connection_id), connections, connection_id)

    async def _change(self, connection_id: str, **values: object) -> None:
        this = update(connections).where(self._ours(connections, id=connection_id))
        await self._run_or(connection_missing(connection_id), this.values(values))
