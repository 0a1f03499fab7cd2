"""ServiceTrade's webhooks: hashes of their secrets per tenant, and the look-up across tenants."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.outbound.postgres.tables import servicetrade_webhooks
from ports.storage.webhooks import WebhookAddresses, WebhookRecord, Webhooks


class PostgresWebhooks(Webhooks):
    def __init__(self, connection: AsyncConnection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def all(self) -> Sequence[WebhookRecord]:
        found = await self._connection.execute(
            select(servicetrade_webhooks)
            .where(servicetrade_webhooks.c.tenant_id == self._tenant_id)
            .order_by(servicetrade_webhooks.c.made_at, servicetrade_webhooks.c.digest)
        )
        return [WebhookRecord(digest=row.digest, webhook_id=row.webhook_id, made_at=row.made_at) for row in found]

    async def add(self, record: WebhookRecord) -> None:
        await self._connection.execute(
            insert(servicetrade_webhooks).values(
                digest=record.digest,
                tenant_id=self._tenant_id,
                webhook_id=record.webhook_id,
                made_at=record.made_at,
            )
        )

    async def confirm(self, digest: bytes, webhook_id: str) -> None:
        await self._connection.execute(
            update(servicetrade_webhooks)
            .where(servicetrade_webhooks.c.tenant_id == self._tenant_id, servicetrade_webhooks.c.digest == digest)
            .values(webhook_id=webhook_id)
        )

    async def remove(self, digest: bytes) -> None:
        await self._connection.execute(
            delete(servicetrade_webhooks).where(
                servicetrade_webhooks.c.tenant_id == self._tenant_id, servicetrade_webhooks.c.digest == digest
            )
        )


class PostgresWebhookAddresses(WebhookAddresses):
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def tenant_of(self, digest: bytes) -> str | None:
        found = await self._connection.execute(
            select(servicetrade_webhooks.c.tenant_id).where(servicetrade_webhooks.c.digest == digest)
        )
        tenant_id: str | None = found.scalar_one_or_none()
        return tenant_id
