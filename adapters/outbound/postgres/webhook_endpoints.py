"""Webhook endpoints of a tenant, with their sealed signing secrets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.outbound.postgres.data_keys import held_data_key
from adapters.outbound.postgres.records import storable
from adapters.outbound.postgres.tables import tenants, webhook_due, webhook_endpoints
from core.model.shared.errors import NotFound
from core.model.shared.secret import Secret
from core.model.webhooks.event import EventType
from core.model.webhooks.webhook_endpoint import SigningSecrets, WebhookEndpoint
from ports.storage.events import WebhookEndpoints
from ports.vault import Vault

SECRET, PREVIOUS_SECRET = "secret", "previous_secret"


class PostgresWebhookEndpoints(WebhookEndpoints):
    def __init__(self, connection: AsyncConnection, tenant_id: str, vault: Vault) -> None:
        self._connection = connection
        self._tenant_id = tenant_id
        self._vault = vault

    async def add(self, endpoint: WebhookEndpoint, secret: Secret) -> None:
        data_key = await held_data_key(self._connection, self._tenant_id)
        sealed = self._vault.seal(data_key, self._tenant_id, secret_field(endpoint.id, SECRET), secret)
        await self._connection.execute(insert(webhook_endpoints).values(_values(endpoint) | {"secret": sealed}))
        await self._connection.execute(insert(webhook_due).values(endpoint_id=endpoint.id, tenant_id=self._tenant_id))

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
        await self._connection.execute(update(webhook_endpoints).where(self._is(endpoint.id)).values(_values(endpoint)))

    async def remove(self, endpoint_id: str) -> None:
        done = await self._connection.execute(delete(webhook_endpoints).where(self._is(endpoint_id)))
        if done.rowcount == 0:
            raise _missing(endpoint_id)

    async def secrets(self, endpoint_id: str) -> SigningSecrets:
        # One statement reads the secrets and their key: the encryption key may change between two.
        found = await self._connection.execute(
            select(tenants.c.data_key, webhook_endpoints)
            .join(tenants, tenants.c.id == webhook_endpoints.c.tenant_id)
            .where(self._is(endpoint_id))
        )
        row = found.mappings().first()
        if row is None:
            raise _missing(endpoint_id)

        def opened(name: str) -> Secret:
            return self._vault.open(row["data_key"], self._tenant_id, secret_field(endpoint_id, name), row[name])

        previous = None if row[PREVIOUS_SECRET] is None else opened(PREVIOUS_SECRET)
        return SigningSecrets(opened(SECRET), previous, row["previous_until"])

    async def rotate(self, endpoint_id: str, secret: Secret, previous_until: datetime) -> None:
        data_key = await held_data_key(self._connection, self._tenant_id)
        present = (await self.secrets(endpoint_id)).current

        def sealed(name: str, value: Secret) -> bytes:
            return self._vault.seal(data_key, self._tenant_id, secret_field(endpoint_id, name), value)

        await self._connection.execute(
            update(webhook_endpoints)
            .where(self._is(endpoint_id))
            .values(
                secret=sealed(SECRET, secret),
                previous_secret=sealed(PREVIOUS_SECRET, present),
                previous_until=previous_until,
            )
        )

    async def _one(self, endpoint_id: str, *, lock: bool = False) -> RowMapping:
        query = select(webhook_endpoints).where(self._is(endpoint_id))
        # This lock allows foreign key checks, so storing an event for this endpoint does not wait for us.
        found = await self._connection.execute(query.with_for_update(key_share=True) if lock else query)
        row = found.mappings().first()
        if row is None:
            raise _missing(endpoint_id)
        return row

    def _is(self, endpoint_id: str) -> ColumnElement[bool]:
        return (webhook_endpoints.c.tenant_id == self._tenant_id) & (webhook_endpoints.c.id == endpoint_id)


def secret_field(endpoint_id: str, name: str) -> str:
    return f"webhook_endpoints.{endpoint_id}.{name}"


def _values(endpoint: WebhookEndpoint) -> dict[str, Any]:
    """Return all columns except `seq` and the secrets."""
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
