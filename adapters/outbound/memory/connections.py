"""Connections of a tenant, in memory."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from adapters.outbound.memory.repository import Repository, connection_missing
from adapters.outbound.memory.rows import StoredConnection
from core.model.connections.connection import Connection, ConnectionSecrets, Hold, ItemsHold
from core.model.connections.connection_state import CodesMissing, ConnectionTest
from core.model.connections.same_company import company_key
from core.model.shared.errors import Conflict, OutOfDate
from ports.storage.connections import Connections
from ports.storage.due_work import WorkKind


class MemoryConnections(Repository, Connections):
    async def add(self, connection: Connection, secrets: ConnectionSecrets) -> None:
        for other in await self.all():
            if connection.slug == other.slug or connection.external_system == other.external_system:
                raise Conflict(f"A connection like {connection.slug} already exists.", code="CONNECTION_EXISTS")
        self._rows.connections[connection.id] = StoredConnection(connection, secrets)

    async def change(self, connection: Connection, secrets: ConnectionSecrets | None) -> Connection:
        row = self._connection(connection.id)
        if row.connection.version != connection.version:
            raise OutOfDate(f"The connection {connection.slug} was changed meanwhile.")
        for other in await self.all():
            if other.id != connection.id and connection.external_system == other.external_system:
                raise Conflict(f"A connection like {connection.slug} already exists.", code="CONNECTION_EXISTS")
        stored = row.connection
        changed = replace(
            connection,
            version=connection.version + 1,
            hold=stored.hold,
            paused=stored.paused,
            plugin_failures=stored.plugin_failures,
            intents=stored.intents,
            last_intent_at=stored.last_intent_at,
            items_hold=stored.items_hold,
            restored_at=stored.restored_at,
            last_write_at=stored.last_write_at if connection.target_version == stored.target_version else None,
            last_test=stored.last_test,
            codes_missing=stored.codes_missing,
        )
        self._rows.connections[connection.id] = replace(row, connection=changed, secrets=secrets or row.secrets)
        return changed

    async def remove(self, connection_id: str) -> None:
        self._connection(connection_id)
        self._rows.forget_connection(connection_id)
        del self._rows.connections[connection_id]

    async def by_slug(self, slug: str) -> Connection:
        for connection in await self.all():
            if connection.slug == slug:
                return connection
        raise connection_missing(slug)

    async def get(self, connection_id: str) -> Connection:
        return self._connection(connection_id).connection

    async def all(self) -> Sequence[Connection]:
        return [
            row.connection for row in self._rows.connections.values() if row.connection.tenant_id == self._tenant_id
        ]

    async def page(self, *, limit: int, after: str | None = None) -> Sequence[Connection]:
        ordered = sorted(await self.all(), key=lambda one: one.id)
        return [one for one in ordered if after is None or one.id > after][:limit]

    async def leading_to(self, companies: Collection[bytes]) -> Sequence[Connection]:
        return [one for one in await self.all() if company_key(one) in companies]

    async def elsewhere(self, companies: Collection[bytes]) -> frozenset[bytes]:
        others = (
            row.connection for row in self._rows.connections.values() if row.connection.tenant_id != self._tenant_id
        )
        return frozenset(companies) & frozenset(map(company_key, others))

    async def secrets(self, connection_id: str) -> ConnectionSecrets:
        return self._connection(connection_id).secrets

    async def set_hold(self, connection_id: str, hold: Hold | None) -> None:
        failures = self._connection(connection_id).connection.plugin_failures if hold else 0
        self._change_connection(connection_id, hold=hold, plugin_failures=failures)

    async def count_plugin_failure(self, connection_id: str) -> int:
        failures = self._connection(connection_id).connection.plugin_failures + 1
        self._change_connection(connection_id, plugin_failures=failures)
        return failures

    async def raise_intents(self, connection_id: str, intents: int) -> None:
        self._change_connection(connection_id, intents=max(intents, self._connection(connection_id).connection.intents))

    async def set_endpoint_used(self, connection_id: str) -> None:
        self._change_connection(connection_id, endpoint_used=True)

    async def set_items_hold(self, connection_id: str, hold: ItemsHold | None) -> None:
        self._change_connection(connection_id, items_hold=hold)

    async def set_restored(self, connection_id: str, at: datetime) -> None:
        self._change_connection(connection_id, restored_at=at)

    async def set_tested(self, connection_id: str, test: ConnectionTest) -> None:
        stored = self._connection(connection_id).connection.last_test
        if stored is None or stored.target_version <= test.target_version:
            self._change_connection(connection_id, last_test=test)

    async def set_codes_missing(self, connection_id: str, found: CodesMissing) -> None:
        self._change_connection(connection_id, codes_missing=found)

    async def set_paused(self, connection_id: str, paused: bool) -> None:
        self._change_connection(
            connection_id, paused=paused, version=self._connection(connection_id).connection.version + 1
        )

    async def raise_epoch(self, connection_id: str) -> None:
        row = self._connection(connection_id)
        self._rows.connections[connection_id] = replace(row, epoch=row.epoch + 1)

    async def lock(self, connection_id: str) -> Connection:
        return await self.get(connection_id)  # there is one transaction at a time

    async def wake(self, connection_id: str, due_at: datetime | None) -> None:
        self._connection(connection_id)
        self._wake(WorkKind.DRAIN, connection_id, due_at)
        if connection_id not in self._rows.woken:
            self._rows.woken.append(connection_id)
