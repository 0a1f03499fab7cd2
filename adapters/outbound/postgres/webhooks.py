"""ServiceTrade's webhooks of a tenant: hashes of their secrets."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select, update

from adapters.outbound.postgres.records import columns, made
from adapters.outbound.postgres.repository import Repository
from adapters.outbound.postgres.tables.setup import servicetrade_webhooks
from ports.storage.webhooks import WebhookRecord, Webhooks


class PostgresWebhooks(Repository, Webhooks):
    async def all(self) -> Sequence[WebhookRecord]:
        query = select(servicetrade_webhooks).where(self._ours(servicetrade_webhooks))
        oldest = query.order_by(servicetrade_webhooks.c.made_at, servicetrade_webhooks.c.digest)
        return [made(WebhookRecord, row) for row in await self._rows(oldest)]

    async def add(self, record: WebhookRecord) -> None:
        await self._add(servicetrade_webhooks, columns(record))

    async def confirm(self, digest: bytes, webhook_id: str) -> None:
        this = self._ours(servicetrade_webhooks, digest=digest)
        await self._run(update(servicetrade_webhooks).where(this).values(webhook_id=webhook_id))

    async def remove(self, digest: bytes) -> None:
        await self._run(delete(servicetrade_webhooks).where(self._ours(servicetrade_webhooks, digest=digest)))
