"""Webhook endpoints of a tenant, with their sealed signing secrets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.outbound.postgres.records import storable
from adapters.outbound.postgres.tables import tenants, webhook_due, webhook_endpoints
from core.model.errors import NotFound
from core.model.event import EventType
from core.model.secret import Secret
from core.model.webhook_endpoint import SigningSecrets, WebhookEndpoint
from ports.events import WebhookEndpoints
from ports.vault import Vault


class PostgresWebhookEndpoints(WebhookEndpoints):
    def __init__(self, connection: AsyncConnection, tenant_id: str, vault: Vault) -> None:
        self._connection = connection
        self._tenant_id = tenant_id
        self._vault = vault

    async def add(self, endpoint: WebhookEndpoint, secret: Secret) -> None:
        sealed = self._vault.seal(await self._data_key(), self._tenant_id, _field(endpoint.id, "secret"), secret)
        await self._connection.execute(insert(webhook_endpoints).values(_values(endpoint) | {"secret": sealed}))
        await self._connection.execute(
            insert(webhook_due).values(endpoint_id=endpoint.id, tenant_id=self._tenant_id)
        )

    async def get(self, endpoint_id: str, *, lock: bool = False) -> WebhookEndpoint:
        return _endpoint_of(await self._one(endpoint_id, lock=lock))

    async def all(self) -> Sequence[WebhookEndpoint]:
        found = await self._connection.execute(
            select(webhook_endpoints)
            .where(webhook_endpoints.c.tenant_id == self._tenant_id)
            .order_by(webhook_endpoints.c.seq)
        )
        return [_endpoint_of(row) for row in found.mappings()]

    async def save(self, endpoint: WebhookEndpoint) -> None:
        await self._connection.execute(
            update(webhook_endpoints).where(self._is(endpoint.id)).values(_values(endpoint))
        )

    async def remove(self, endpoint_id: str) -> None:
        done = await self._connection.execute(delete(webhook_endpoints).where(self._is(endpoint_id)))
        if done.rowcount == 0:
            raise _missing(endpoint_id)

    async def secrets(self, endpoint_id: str) -> SigningSecrets:
        row, data_key = await self._one(endpoint_id), await self._data_key()
        previous = row["previous_secret"]
        return SigningSecrets(
            self._vault.open(data_key, self._tenant_id, _field(endpoint_id, "secret"), row["secret"]),
            previous and self._vault.open(data_key, self._tenant_id, _field(endpoint_id, "previous_secret"), previous),
            row["previous_until"],
        )

    async def rotate(self, endpoint_id: str, secret: Secret, previous_until: datetime) -> None:
        present, data_key = (await self.secrets(endpoint_id)).current, await self._data_key()
        seal = self._vault.seal
        await self._connection.execute(
            update(webhook_endpoints)
            .where(self._is(endpoint_id))
            .values(
                secret=seal(data_key, self._tenant_id, _field(endpoint_id, "secret"), secret),
                previous_secret=seal(data_key, self._tenant_id, _field(endpoint_id, "previous_secret"), present),
                previous_until=previous_until,
            )
        )

    async def _one(self, endpoint_id: str, *, lock: bool = False) -> RowMapping:
        query = select(webhook_endpoints).where(self._is(endpoint_id))
        # The key stays as it is, so that storing an event for this endpoint does not wait for us.
        found = await self._connection.execute(query.with_for_update(key_share=True) if lock else query)
        row = found.mappings().first()
        if row is None:
            raise _missing(endpoint_id)
        return row

    async def _data_key(self) -> bytes:
        found = await self._connection.execute(select(tenants.c.data_key).where(tenants.c.id == self._tenant_id))
        data_key: bytes = found.scalar_one()
        return data_key

    def _is(self, endpoint_id: str) -> ColumnElement[bool]:
        return (webhook_endpoints.c.tenant_id == self._tenant_id) & (webhook_endpoints.c.id == endpoint_id)


def _field(endpoint_id: str, name: str) -> str:
    return f"webhook_endpoints.{endpoint_id}.{name}"


def _values(endpoint: WebhookEndpoint) -> dict[str, Any]:
    """All columns but `seq` and the secrets."""
    values = {name: getattr(endpoint, name) for name in WebhookEndpoint.__dataclass_fields__}
    return storable(values | {"events": [kind.value for kind in endpoint.events]})


def _endpoint_of(row: RowMapping) -> WebhookEndpoint:
    values = {name: row[name] for name in WebhookEndpoint.__dataclass_fields__}
    return WebhookEndpoint(**values | {"events": tuple(EventType(kind) for kind in row["events"])})


def _missing(endpoint_id: str) -> NotFound:
    return NotFound(
        f"There is no webhook endpoint {endpoint_id}.",
        code="WEBHOOK_ENDPOINT_NOT_FOUND",
        fix="List them: jobferry webhook-endpoints list.",
    )
