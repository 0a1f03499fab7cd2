"""A tenant's webhook endpoints: add, change, remove and test them, and list their deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import structlog

from core.model.operations.audit import AuditEntry
from core.model.shared.errors import Conflict, NotFound
from core.model.shared.secret import Secret
from core.model.webhooks.event import (
    DeliveriesAgain,
    Delivery,
    DeliveryState,
    EventType,
    delivery_of,
    moment,
    trial_event,
)
from core.model.webhooks.webhook_endpoint import (
    OVERLAP,
    SECRET_BYTES,
    WebhookEndpoint,
    new_secret,
    shown,
    signed_headers,
)
from core.services.service import Service

_log = structlog.get_logger()
MOST_OF_A_TENANT = 20


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    """`next_before` is the `before` of the next page, None at the end."""

    deliveries: Sequence[Delivery]
    next_before: int | None


@dataclass(frozen=True, slots=True)
class Redelivery:
    """`count` deliveries are due again. They wait while the endpoint is paused."""

    endpoint: WebhookEndpoint
    count: int


class WebhookEndpoints(Service):
    async def add(
        self, tenant_id: str, url: str, *, events: Sequence[EventType] = (), description: str = "", by: str = "operator"
    ) -> tuple[WebhookEndpoint, Secret]:
        """Add an endpoint; empty `events` means all. Its signing secret is shown only here.

        Raises BadInput (WEBHOOK_ENDPOINT_INVALID, WEBHOOK_URL_REFUSED), or Conflict (WEBHOOK_ENDPOINTS_FULL).
        """
        endpoint = WebhookEndpoint(
            id=self._ids.new("whe"),
            tenant_id=tenant_id,
            url=url,
            events=tuple(dict.fromkeys(events)),
            description=description,
            created_at=self._clock.now(),
        )
        self._webhook_sender.check(url)
        secret = new_secret(self._random.token(SECRET_BYTES))
        async with self._transactions.begin(tenant_id) as t:
            if len(await t.webhook_endpoints.all()) >= MOST_OF_A_TENANT:
                raise Conflict(
                    f"This tenant already has {MOST_OF_A_TENANT} webhook endpoints, and more are not allowed.",
                    code="WEBHOOK_ENDPOINTS_FULL",
                    fix="Remove one that is no longer needed.",
                )
            await t.webhook_endpoints.add(endpoint, secret)
            await t.audit.record(
                AuditEntry(endpoint.created_at, by, "webhook_endpoint.added", endpoint.id, {"url": shown(url)})
            )
        _log.info("webhook_endpoint.added", tenant=tenant_id, endpoint=endpoint.id)
        return endpoint, secret

    async def find(self, tenant_id: str, endpoint_id: str) -> WebhookEndpoint:
        """Raises NotFound (WEBHOOK_ENDPOINT_NOT_FOUND)."""
        async with self._transactions.begin(tenant_id) as t:
            return await t.webhook_endpoints.get(endpoint_id)

    async def all(self, tenant_id: str) -> Sequence[WebhookEndpoint]:
        """All endpoints, in the order they were added."""
        async with self._transactions.begin(tenant_id) as t:
            return await t.webhook_endpoints.all()

    async def change(
        self,
        tenant_id: str,
        endpoint_id: str,
        *,
        url: str | None = None,
        events: Sequence[EventType] | None = None,
        description: str | None = None,
        paused: bool | None = None,
        by: str = "operator",
    ) -> WebhookEndpoint:
        """None leaves a field unchanged. Raises NotFound, BadInput (WEBHOOK_ENDPOINT_INVALID, WEBHOOK_URL_REFUSED).

        After a new address or the end of a pause, earlier failures no longer count and waiting events are delivered.
        """
        changes: dict[str, Any] = {"url": url, "description": description, "paused": paused}
        changes = {name: value for name, value in changes.items() if value is not None}
        if events is not None:
            changes["events"] = tuple(dict.fromkeys(events))
        if paused is not None:
            changes["paused_reason"] = ""
        if url is not None or paused is False:
            changes["failing_since"] = None
        now = self._clock.now()
        async with self._transactions.begin(tenant_id) as t:
            endpoint = replace(await t.webhook_endpoints.get(endpoint_id, lock=True), **changes)
            if url is not None:
                self._webhook_sender.check(url)
            await t.webhook_endpoints.save(endpoint)
            await t.webhook_endpoints.wake(endpoint_id, now)
            detail = {"changed": ", ".join(sorted(changes))} | ({"url": shown(url)} if url else {})
            await t.audit.record(AuditEntry(now, by, "webhook_endpoint.changed", endpoint_id, detail))
        _log.info("webhook_endpoint.changed", tenant=tenant_id, endpoint=endpoint_id, fields=sorted(changes))
        return endpoint

    async def remove(self, tenant_id: str, endpoint_id: str, *, by: str = "operator") -> None:
        """Remove the endpoint with its waiting deliveries. Raises NotFound (WEBHOOK_ENDPOINT_NOT_FOUND)."""
        async with self._transactions.begin(tenant_id) as t:
            await t.webhook_endpoints.remove(endpoint_id)
            await t.audit.record(AuditEntry(self._clock.now(), by, "webhook_endpoint.removed", endpoint_id))
        _log.info("webhook_endpoint.removed", tenant=tenant_id, endpoint=endpoint_id)

    async def rotate_secret(
        self, tenant_id: str, endpoint_id: str, *, by: str = "operator"
    ) -> tuple[WebhookEndpoint, Secret]:
        """Make a new signing secret, shown only here. For one day the old one signs too.

        A second rotation within the day ends the oldest secret at once. Raises NotFound (WEBHOOK_ENDPOINT_NOT_FOUND).
        """
        secret = new_secret(self._random.token(SECRET_BYTES))
        now = self._clock.now()
        async with self._transactions.begin(tenant_id) as t:
            await t.webhook_endpoints.rotate(endpoint_id, secret, now + OVERLAP)
            endpoint = await t.webhook_endpoints.get(endpoint_id)
            await t.audit.record(AuditEntry(now, by, "webhook_endpoint.secret_rotated", endpoint_id))
        _log.info("webhook_endpoint.secret_rotated", tenant=tenant_id, endpoint=endpoint_id)
        return endpoint, secret

    async def test(self, tenant_id: str, endpoint_id: str, *, by: str = "operator") -> Delivery:
        """Post one test event now, also while the endpoint is paused, and return the result. It is not retried, and a
        failure does not count for the endpoint. Raises NotFound."""
        now = self._clock.now()
        event = trial_event(self._ids.new("evt"), now, endpoint_id)
        delivery = replace(delivery_of(event, endpoint_id), due_at=None, last_try_at=now)
        async with self._transactions.begin(tenant_id) as t:
            endpoint = await t.webhook_endpoints.get(endpoint_id, lock=True)
            secrets = (await t.webhook_endpoints.secrets(endpoint_id)).valid(now)
            await t.webhook_endpoints.add_delivery(delivery)
            await t.webhook_endpoints.wake(endpoint_id, now)  # so that the delivery is removed when it is old
        body = event.body.encode()
        posted = await self._webhook_sender.post(endpoint.url, signed_headers(event.id, now, body, secrets), body)
        state = DeliveryState.DELIVERED if posted.accepted else DeliveryState.FAILED
        delivery = replace(delivery, state=state, tries=1, status=posted.status, detail=posted.detail)
        async with self._transactions.begin(tenant_id) as t:
            await t.webhook_endpoints.save_delivery(delivery, tries=0)
            detail = {"result": delivery.state.value}
            await t.audit.record(AuditEntry(now, by, "webhook_endpoint.tested", endpoint_id, detail))
        return delivery

    async def redeliver(
        self, tenant_id: str, endpoint_id: str, chosen: DeliveriesAgain, *, by: str = "operator"
    ) -> Redelivery:
        """Post events again, one or all since a moment, to the present address and signed with the present secret.

        What is chosen is fixed at once: an event that comes later is delivered anyway. Raises NotFound
        (WEBHOOK_ENDPOINT_NOT_FOUND, DELIVERY_NOT_FOUND for an event that the endpoint never got, or that is too old).
        """
        now = self._clock.now()
        async with self._transactions.begin(tenant_id) as t:
            endpoint = await t.webhook_endpoints.get(endpoint_id, lock=True)
            if chosen.event_id is not None:
                _require_event(await t.webhook_endpoints.find_delivery(endpoint_id, chosen.event_id), chosen.event_id)
            count = await t.webhook_endpoints.redeliver(endpoint_id, chosen, now)
            if count:
                await t.webhook_endpoints.wake(endpoint_id, now)
            detail = {"event": chosen.event_id} if chosen.event_id else {}
            moments = {"since": chosen.since, "until": chosen.until}
            detail |= {name: moment(at) for name, at in moments.items() if at}
            detail |= {"only": "failed"} if chosen.only_failed else {}
            await t.audit.record(
                AuditEntry(now, by, "webhook_endpoint.redelivered", endpoint_id, {**detail, "deliveries": str(count)})
            )
        _log.info("webhook_endpoint.redelivered", tenant=tenant_id, endpoint=endpoint_id, deliveries=count)
        return Redelivery(endpoint, count)

    async def deliveries(
        self, tenant_id: str, endpoint_id: str, *, limit: int = 50, before: int | None = None
    ) -> DeliveryPage:
        """The deliveries, newest first, a page at a time. Raises NotFound (WEBHOOK_ENDPOINT_NOT_FOUND)."""
        async with self._transactions.begin(tenant_id) as t:
            await t.webhook_endpoints.get(endpoint_id)
            found = await t.webhook_endpoints.deliveries(endpoint_id, limit=limit + 1, before=before)
        page = found[:limit]
        return DeliveryPage(page, page[-1].seq if len(found) > limit else None)


def _require_event(delivery: Delivery | None, event_id: str) -> None:
    if delivery is None or delivery.type is EventType.TEST:
        raise NotFound(
            f"This endpoint has no delivery of the event {event_id}.",
            code="DELIVERY_NOT_FOUND",
            fix="Look in the list of deliveries. Old deliveries are deleted, and test events are not posted again.",
        )
