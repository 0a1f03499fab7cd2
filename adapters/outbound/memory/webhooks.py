"""ServiceTrade's webhooks, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from adapters.outbound.memory.rows import Repository
from ports.storage.webhooks import WebhookRecord, Webhooks


class MemoryWebhooks(Repository, Webhooks):
    async def all(self) -> Sequence[WebhookRecord]:
        ours = (record for owner, record in self._rows.webhooks.values() if owner == self._tenant_id)
        return sorted(ours, key=lambda record: (record.made_at, record.digest))

    async def add(self, record: WebhookRecord) -> None:
        self._rows.webhooks[record.digest] = (self._tenant_id, record)

    async def confirm(self, digest: bytes, webhook_id: str) -> None:
        found = self._rows.webhooks.get(digest)
        if found and found[0] == self._tenant_id:
            self._rows.webhooks[digest] = (self._tenant_id, replace(found[1], webhook_id=webhook_id))

    async def remove(self, digest: bytes) -> None:
        found = self._rows.webhooks.get(digest)
        if found and found[0] == self._tenant_id:
            del self._rows.webhooks[digest]
