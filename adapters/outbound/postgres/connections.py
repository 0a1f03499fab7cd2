"""Connections of a tenant: settings, sealed secrets, holds, the lease, and the due time for the sweeper."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, RowMapping, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.outbound.postgres.data_keys import held_data_key
from adapters.outbound.postgres.records import connection_of, connection_settings, hold_values, items_hold_values
from adapters.outbound.postgres.server.failures import violates
from adapters.outbound.postgres.tables import (
    attempts,
    completions,
    connection_due,
    connections,
    cost_lines,
    sends,
    tenants,
    warnings,
    work_orders,
)
from core.model.connections.connection import Connection, ConnectionSecrets, Hold, ItemsHold
from core.model.connections.same_company import company_key
from core.model.shared.errors import Conflict, LeaseLost, NotFound, OutOfDate
from core.model.shared.secret import Secret
from ports.storage.connections import Connections
from ports.vault import Vault

_ASKED = bindparam("asked", type_=ARRAY(LargeBinary))
_OWN = bindparam("own", type_=ARRAY(LargeBinary))
AUTHORIZATION_ID, CLIENT_SECRET = "authorization_id", "client_secret"


class PostgresConnections(Connections):
    def __init__(self, connection: AsyncConnection, tenant_id: str, vault: Vault) -> None:
        self._connection = connection
        self._tenant_id = tenant_id
        self._vault = vault

    async def add(self, connection: Connection, secrets: ConnectionSecrets) -> None:
        values = {
            "id": connection.id,
            "tenant_id": self._tenant_id,
            "slug": connection.slug,
            "external_system": connection.external_system,
            "settings": connection_settings(connection),
            **await self._sealed(connection.id, secrets),
            "paused": connection.paused,
            "intents": 0,
            "endpoint_used": False,
            "epoch": 0,
            "version": connection.version,
        }
        try:
            await self._connection.execute(insert(connections).values(values))
        except IntegrityError as error:
            raise _taken(connection, error) from error
        await self._connection.execute(
            insert(connection_due).values(connection_id=connection.id, tenant_id=self._tenant_id)
        )
        await self._enter_company(connection)

    async def change(self, connection: Connection, secrets: ConnectionSecrets | None) -> Connection:
        values = {
            "external_system": connection.external_system,
            "settings": connection_settings(connection),
            "endpoint_used": connection.endpoint_used,
            "version": connections.c.version + 1,
        }
        if secrets:
            values |= await self._sealed(connection.id, secrets)
        try:
            done = await self._connection.execute(
                update(connections)
                .where(self._mine(), connections.c.id == connection.id, connections.c.version == connection.version)
                .values(values)
                .returning(connections)
            )
        except IntegrityError as error:
            raise _taken(connection, error) from error
        row = done.mappings().first()
        if row is None:
            await self.get(connection.id)
            raise OutOfDate(
                f"The connection {connection.slug} was changed by somebody else meanwhile.",
                fix="Read it again, then change it with its current ETag.",
            )
        await self._enter_company(connection)
        return connection_of(row)

    async def remove(self, connection_id: str) -> None:
        await self.get(connection_id)
        its_sends = select(sends.c.id).where(sends.c.connection_id == connection_id)
        await self._connection.execute(delete(attempts).where(attempts.c.send_id.in_(its_sends)))
        for table in (cost_lines, completions, warnings, work_orders, sends):
            await self._connection.execute(delete(table).where(table.c.connection_id == connection_id))
        await self._connection.execute(delete(connections).where(self._mine(), connections.c.id == connection_id))
        await self._connection.execute(select(func.company_leave(_owner(connection_id))))

    async def by_slug(self, slug: str) -> Connection:
        return connection_of(await self._one(connections.c.slug == slug, slug))

    async def get(self, connection_id: str) -> Connection:
        return connection_of(await self._one(connections.c.id == connection_id, connection_id))

    async def locked(self, connection_id: str) -> Connection:
        found = await self._connection.execute(
            select(connections).where(self._mine(), connections.c.id == connection_id).with_for_update()
        )
        row = found.mappings().first()
        if row is None:
            raise connection_missing(connection_id)
        return connection_of(row)

    async def all(self) -> Sequence[Connection]:
        found = await self._connection.execute(select(connections).where(self._mine()).order_by(connections.c.seq))
        return [connection_of(row) for row in found.mappings()]

    async def elsewhere(self, companies: Collection[bytes]) -> frozenset[bytes]:
        mine = await self._connection.execute(select(connections.c.id).where(self._mine()))
        found = await self._connection.execute(
            select(func.companies_elsewhere(_ASKED, _OWN)),
            {"asked": list(companies), "own": [_owner(one) for one in mine.scalars()]},
        )
        return frozenset(found.scalars())

    async def secrets(self, connection_id: str) -> ConnectionSecrets:
        # One statement reads the secrets and their key: between two, a key rotation could seal them again.
        found = await self._connection.execute(
            select(connections, tenants.c.data_key)
            .join(tenants, tenants.c.id == connections.c.tenant_id)
            .where(self._mine(), connections.c.id == connection_id)
        )
        row = found.mappings().first()
        if row is None:
            raise connection_missing(connection_id)
        data_key, client_secret = row["data_key"], row["client_secret"]
        return ConnectionSecrets(
            self._open(data_key, connection_id, AUTHORIZATION_ID, row["authorization_id"]),
            row["client_id"],
            client_secret and self._open(data_key, connection_id, CLIENT_SECRET, client_secret),
        )

    async def set_hold(self, connection_id: str, hold: Hold | None) -> None:
        count = {} if hold else {"plugin_failures": 0}
        await self._change(connection_id, hold=hold_values(hold), **count)

    async def count_plugin_failure(self, connection_id: str) -> int:
        counted = await self._connection.execute(
            update(connections)
            .where(self._mine(), connections.c.id == connection_id)
            .values(plugin_failures=connections.c.plugin_failures + 1)
            .returning(connections.c.plugin_failures)
        )
        return int(counted.scalar_one())

    async def next_intent(self, connection_id: str) -> int:
        counted = await self._connection.execute(
            update(connections)
            .where(self._mine(), connections.c.id == connection_id)
            .values(intents=connections.c.intents + 1, last_intent_at=func.now())
            .returning(connections.c.intents)
        )
        intent: int | None = counted.scalar_one_or_none()
        if intent is None:
            raise connection_missing(connection_id)
        return intent

    async def raise_intents(self, connection_id: str, intents: int) -> None:
        await self._change(connection_id, intents=func.greatest(connections.c.intents, intents))

    async def set_endpoint_used(self, connection_id: str) -> None:
        await self._change(connection_id, endpoint_used=True)

    async def set_items_hold(self, connection_id: str, hold: ItemsHold | None) -> None:
        await self._change(connection_id, items_hold=items_hold_values(hold))

    async def set_restored(self, connection_id: str, at: datetime) -> None:
        await self._change(connection_id, restored_at=at)

    async def set_paused(self, connection_id: str, paused: bool) -> None:
        await self._change(connection_id, paused=paused, version=connections.c.version + 1)

    async def raise_epoch(self, connection_id: str) -> int:
        raised = await self._connection.execute(
            update(connections)
            .where(self._mine(), connections.c.id == connection_id)
            .values(epoch=connections.c.epoch + 1)
            .returning(connections.c.epoch)
        )
        epoch: int | None = raised.scalar_one_or_none()
        if epoch is None:
            raise connection_missing(connection_id)
        return epoch

    async def lock(self, connection_id: str, epoch: int | None = None) -> Connection:
        """Lock the row. No other drain can raise the epoch until the end of this transaction."""
        found = await self._connection.execute(
            select(connections).where(self._mine(), connections.c.id == connection_id).with_for_update(key_share=True)
        )
        row = found.mappings().first()
        if row is None:
            raise connection_missing(connection_id)
        if epoch is not None and row["epoch"] != epoch:
            raise LeaseLost("Another worker has taken over this connection.")
        return connection_of(row)

    async def set_due(self, connection_id: str, due_at: datetime | None, *, only_earlier: bool) -> None:
        # LEAST ignores NULL, so a connection without work accepts any time.
        moment = func.least(connection_due.c.due_at, due_at) if only_earlier else due_at
        done = await self._connection.execute(
            update(connection_due)
            .where(connection_due.c.tenant_id == self._tenant_id, connection_due.c.connection_id == connection_id)
            .values(due_at=moment)
        )
        if done.rowcount == 0:
            raise connection_missing(connection_id)

    async def _enter_company(self, connection: Connection) -> None:
        await self._connection.execute(select(func.company_enter(company_key(connection), _owner(connection.id))))

    async def _one(self, condition: ColumnElement[bool], name: str) -> RowMapping:
        found = await self._connection.execute(select(connections).where(self._mine(), condition))
        row = found.mappings().first()
        if row is None:
            raise connection_missing(name)
        return row

    async def _change(self, connection_id: str, **values: object) -> None:
        done = await self._connection.execute(
            update(connections).where(self._mine(), connections.c.id == connection_id).values(values)
        )
        if done.rowcount == 0:
            raise connection_missing(connection_id)

    async def _sealed(self, connection_id: str, secrets: ConnectionSecrets) -> dict[str, Any]:
        data_key = await self._data_key()
        return {
            "authorization_id": self._seal(data_key, connection_id, AUTHORIZATION_ID, secrets.authorization_id),
            "client_id": secrets.client_id,
            "client_secret": secrets.client_secret
            and self._seal(data_key, connection_id, CLIENT_SECRET, secrets.client_secret),
        }

    async def _data_key(self) -> bytes:
        """Return the key that seals."""
        return await held_data_key(self._connection, self._tenant_id)

    def _seal(self, data_key: bytes, connection_id: str, field: str, value: Secret) -> bytes:
        return self._vault.seal(data_key, self._tenant_id, secret_field(connection_id, field), value)

    def _open(self, data_key: bytes, connection_id: str, field: str, sealed: bytes) -> Secret:
        return self._vault.open(data_key, self._tenant_id, secret_field(connection_id, field), sealed)

    def _mine(self) -> ColumnElement[bool]:
        return connections.c.tenant_id == self._tenant_id


def _owner(connection_id: str) -> bytes:
    """Ids are random, so the hash does not reveal the connection."""
    return hashlib.sha256(connection_id.encode()).digest()


def secret_field(connection_id: str, field: str) -> str:
    """Return the name that a sealed secret of a connection is bound to, in addition to its tenant."""
    return f"connections.{connection_id}.{field}"


def connection_missing(name: str) -> NotFound:
    fix = "List them: jobferry connections list."
    return NotFound(f"There is no connection {name}.", code="CONNECTION_NOT_FOUND", fix=fix)


def _taken(connection: Connection, error: IntegrityError) -> Exception:
    if violates(error, "connections_tenant_id_slug_key"):
        what = f"A connection {connection.slug} already exists."
    elif violates(error, "connections_tenant_id_external_system_key"):
        what = f"Another connection already uses the external system {connection.external_system}."
    else:
        return error
    return Conflict(what, code="CONNECTION_EXISTS", fix="Choose another name, or another external system.")
