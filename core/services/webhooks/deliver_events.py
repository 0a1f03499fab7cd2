"""Deliver an endpoint's due events, one after the other for a short time slice, and store each result.

A try is stored after it was made. If the worker dies in between, the event is posted again under the same id.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import structlog

from core.model.shared.errors import NotFound
from core.model.shared.moments import moment_words
from core.model.shared.secret import Secret
from core.model.webhooks.event import DELAYS, Delivery, DeliveryState
from core.model.webhooks.webhook_endpoint import PATIENCE, REDELIVERED, WebhookEndpoint, signed_headers
from core.services.service import Service
from ports.storage.transactions import TenantTransaction
from ports.webhook_sender import Posted

_log = structlog.get_logger()
_Work = tuple[WebhookEndpoint, Sequence[Secret], Delivery]
_GONE = 410


class DeliverEvents(Service):
    async def __call__(self, tenant_id: str, endpoint_id: str) -> None:
        """Deliver due events of an endpoint for one slice, then store when it is due next."""
        over = self._begin_slice()
        while not over() and (work := await self._next(tenant_id, endpoint_id)):
            endpoint, secrets, delivery = work
            now, body = self._clock.now(), delivery.body.encode()
            headers = signed_headers(delivery.event_id, now, body, secrets)
            if delivery.redelivered_at:
                headers |= REDELIVERED
            posted = await self._webhook_sender.post(endpoint.url, headers, body)
            await self._store(endpoint, delivery, posted, now)
        await self._schedule_next_wakeup(tenant_id, endpoint_id)

    async def _next(self, tenant_id: str, endpoint_id: str) -> _Work | None:
        now = self._clock.now()
        async with self._transactions.begin(tenant_id) as t:
            try:
                endpoint = await t.webhook_endpoints.get(endpoint_id)
            except NotFound:
                return None  # removed meanwhile
            delivery = None if endpoint.paused else await t.webhook_endpoints.next_delivery(endpoint_id, now)
            if delivery is None:
                return None
            return endpoint, (await t.webhook_endpoints.secrets(endpoint_id)).valid(now), delivery

    async def _store(self, endpoint: WebhookEndpoint, delivery: Delivery, posted: Posted, tried_at: datetime) -> None:
        ended = replace(
            _after(delivery, posted, self._clock.now()),
            tries=delivery.tries + 1,
            last_try_at=tried_at,
            status=posted.status,
            detail=posted.detail,
        )
        async with self._transactions.begin(endpoint.tenant_id) as t:
            try:
                present = await t.webhook_endpoints.get(endpoint.id, lock=True)
            except NotFound:
                return
            if await t.webhook_endpoints.save_delivery(ended, tries=delivery.tries) and present.url == endpoint.url:
                await self._note_health(t, present, posted)
        _log.info(
            "delivery.tried",
            tenant=endpoint.tenant_id,
            endpoint=endpoint.id,
            event_id=delivery.event_id,
            state=ended.state.value,
            status=posted.status,
            detail=posted.detail,
            tries=ended.tries,
        )

    async def _note_health(self, t: TenantTransaction, endpoint: WebhookEndpoint, posted: Posted) -> None:
        """A success clears the failures. An endpoint that is gone, or has failed for too long, is paused."""
        now = self._clock.now()
        since = None if posted.accepted else endpoint.failing_since or now
        changed, reason = replace(endpoint, failing_since=since), ""
        if posted.status == _GONE:
            reason = "It answered 410 Gone: it wants no more events."
        elif since and now - since >= PATIENCE:
            reason = f"Every delivery since {moment_words(since)} failed."
        if reason and not endpoint.paused:
            changed = replace(changed, paused=True, paused_reason=reason)
            _log.warning("webhook_endpoint.paused", tenant=endpoint.tenant_id, endpoint=endpoint.id, reason=reason)
        if changed != endpoint:
            await t.webhook_endpoints.save(changed)

    async def _schedule_next_wakeup(self, tenant_id: str, endpoint_id: str) -> None:
        """Store when the endpoint is due next. `wake` locks the row first: an event stored meanwhile, or the end of a
        pause, is either seen here or wakes the endpoint after us."""
        async with self._transactions.begin(tenant_id) as t:
            await t.webhook_endpoints.wake(endpoint_id, await t.now())
            try:
                endpoint = await t.webhook_endpoints.get(endpoint_id)
            except NotFound:
                return
            next_try = None if endpoint.paused else await t.webhook_endpoints.next_try(endpoint_id)
            await t.webhook_endpoints.set_due(endpoint_id, next_try)


def _after(delivery: Delivery, posted: Posted, now: datetime) -> Delivery:
    if posted.accepted:
        return replace(delivery, state=DeliveryState.DELIVERED, due_at=None)
    pause = None if posted.status == _GONE else DELAYS.after(delivery.tries + 1)
    if pause is None:
        return replace(delivery, state=DeliveryState.FAILED, due_at=None)
    return replace(delivery, due_at=now + pause)
