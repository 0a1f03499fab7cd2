"""Webhook endpoints of a tenant, with their sealed signing secrets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, delete, select, update

from adapters.outbound.postgres.records import columns, made
from adapters.outbound.postgres.repository import SealingRepository
from adapters.outbound.postgres.tables import webhook_due, webhook_endpoints
from core.model.shared.errors import NotFound
from core.model.shared.secret import Secret
from core.model.webhooks.event import EventType
from core.model.webhooks.webhook_endpoint import SigningSecrets, WebhookEndpoint
from ports.storage.events import WebhookEndpoints

SECRET, PREVIOUS_SECRET = "secret", "previous_secret"


class PostgresWebhookEndpoints(SealingRepository, WebhookEndpoints):
    async def add(self, endpoint: WebhookEndpoint, secret: Secret) -> None:
        sealed = await self._sealed(webhook_endpoints, endpoint.id, **{SECRET: secret})
        await self._add(webhook_endpoints, columns(endpoint) | sealed)
        await self._add(webhook_due, {"endpoint_id": endpoint.id})

    async def get(self, endpoint_id: str, *, lock: bool = False) -> WebhookEndpoint:
        query = select(webhook_endpoints).where(self._ours(webhook_endpoints, id=endpoint_id))
        # This lock allows foreign key checks, so storing an event for this endpoint does not wait for us.
        row = await self._row(query.with_for_update(key_share=True) if lock else query)
        if row is None:
            raise _missing(endpoint_id)
        return _endpoint_of(row)

    async def all(self) -> Sequence[WebhookEndpoint]:
        query = select(webhook_endpoints).where(self._ours(webhook_endpoints)).order_by(webhook_endpoints.c.seq)
        return [_endpoint_of(row) for row in await self._rows(query)]

    async def save(self, endpoint: WebhookEndpoint) -> None:
        await self._change(endpoint.id, columns(endpoint))

    async def remove(self, endpoint_id: str) -> None:
        if not await self._run(delete(webhook_endpoints).where(self._ours(webhook_endpoints, id=endpoint_id))):
            raise _missing(endpoint_id)

    async def secrets(self, endpoint_id: str) -> SigningSecrets:
        row = await self._with_data_key(webhook_endpoints, endpoint_id)
        if row is None:
            raise _missing(endpoint_id)
        return SigningSecrets(
            self._opened(webhook_endpoints, row, SECRET),
            row[PREVIOUS_SECRET] and self._opened(webhook_endpoints, row, PREVIOUS_SECRET),
            row["previous_until"],
        )

    async def rotate(self, endpoint_id: str, secret: Secret, previous_until: datetime) -> None:
        present = (await self.secrets(endpoint_id)).current
        sealed = await self._sealed(webhook_endpoints, endpoint_id, **{SECRET: secret, PREVIOUS_SECRET: present})
        await self._change(endpoint_id, {**sealed, "previous_until": previous_until})

    async def _change(self, endpoint_id: str, values: Mapping[str, Any]) -> None:
        await self._run(update(webhook_endpoints).where(self._ours(webhook_endpoints, id=endpoint_id)).values(values))


def _endpoint_of(row: RowMapping) -> WebhookEndpoint:
    return made(WebhookEndpoint, row, events=tuple(EventType(kind) for kind in row["events"]))


def _missing(endpoint_id: str) -> NotFound:
    return NotFound(
        f"There is no webhook endpoint {endpoint_id}.",
        code="WEBHOOK_ENDPOINT_NOT_FOUND",
        fix="List them: jobferry webhook-endpoints list.",
    )
