"""Rotation of client secrets, in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from adapters.outbound.memory.repository import Repository
from adapters.outbound.memory.rows import StoredSecret
from core.model.connections.client_secret import KeptSecret, NewSecret
from ports.storage.client_secrets import ClientSecrets
from ports.storage.due_work import WorkKind


class MemoryClientSecrets(Repository, ClientSecrets):
    async def get(self, connection_id: str) -> KeptSecret:
        connection = self._connection(connection_id).connection
        return replace(self._row(connection_id).kept, expires_at=connection.client_secret_expires_at)

    async def claim(self, connection_id: str, now: datetime, until: datetime) -> bool:
        row = self._row(connection_id)
        if row.claimed_until and row.claimed_until > now:
            return False
        self._rows.client_secrets[connection_id] = replace(row, claimed_until=until)
        return True

    async def release(self, connection_id: str) -> None:
        self._rows.client_secrets[connection_id] = replace(self._row(connection_id), claimed_until=None)

    async def set_due(self, connection_id: str, at: datetime | None) -> None:
        self._connection(connection_id)
        self._set_due(WorkKind.EXPIRY, connection_id, at)

    async def keep_next(self, connection_id: str, new: NewSecret) -> None:
        row = self._row(connection_id)
        kept = replace(row.kept, next=new.secret, next_expires_at=new.expires_at)
        self._rows.client_secrets[connection_id] = replace(row, kept=kept)

    async def promote(self, connection_id: str) -> None:
        row, stored = self._row(connection_id), self._connection(connection_id)
        if row.kept.next is None:
            raise ValueError(f"the connection {connection_id} has no next client secret")
        connection = replace(stored.connection, client_secret_expires_at=row.kept.next_expires_at)
        secrets = replace(stored.secrets, client_secret=row.kept.next)
        self._rows.connections[connection_id] = replace(stored, connection=connection, secrets=secrets)
        self._rows.client_secrets[connection_id] = replace(row, kept=KeptSecret())

    async def replaced(self, connection_id: str, expires_at: datetime | None, now: datetime) -> None:
        row = self._row(connection_id)
        self._change_connection(connection_id, client_secret_expires_at=expires_at)
        self._rows.client_secrets[connection_id] = replace(row, kept=KeptSecret())
        self._set_due(WorkKind.EXPIRY, connection_id, now)

    async def note_warned(self, connection_id: str, stage: int) -> None:
        row = self._row(connection_id)
        self._rows.client_secrets[connection_id] = replace(row, kept=replace(row.kept, warned=stage))

    def _row(self, connection_id: str) -> StoredSecret:
        self._connection(connection_id)
        return self._rows.client_secrets.get(connection_id, StoredSecret())
