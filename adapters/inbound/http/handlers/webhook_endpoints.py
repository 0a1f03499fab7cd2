"""Webhook endpoints: where a tenant's programs hear of sends."""

from __future__ import annotations

from adapters.inbound.http import cursor
from adapters.inbound.http.call import Call, Reply
from adapters.inbound.http.models.webhook_endpoints import (
    DeliveriesQuery,
    DeliveryOut,
    WebhookEndpointChange,
    WebhookEndpointIn,
    WebhookEndpointOut,
    WebhookEndpointWithSecret,
)
from adapters.inbound.http.models.wire import Nothing, Page


async def add_webhook_endpoint(call: Call[WebhookEndpointIn]) -> Reply[WebhookEndpointWithSecret]:
    tenant, asked = await call.tenant(), call.input
    endpoint, secret = await call.use_cases.add_webhook_endpoint(
        tenant.id, asked.url, events=asked.events, description=asked.description
    )
    location = f"/v1/tenants/{tenant.slug}/webhook-endpoints/{endpoint.id}"
    return Reply(WebhookEndpointWithSecret.made(endpoint, secret), {"Location": location})


async def list_webhook_endpoints(call: Call[Nothing]) -> Reply[Page[WebhookEndpointOut]]:
    tenant = await call.tenant()
    found = await call.use_cases.find_webhook_endpoint.all(tenant.id)
    return Reply(Page(items=[WebhookEndpointOut.of(one) for one in found]))


async def find_webhook_endpoint(call: Call[Nothing]) -> Reply[WebhookEndpointOut]:
    tenant = await call.tenant()
    return Reply(WebhookEndpointOut.of(await call.use_cases.find_webhook_endpoint(tenant.id, call.path["endpoint_id"])))


async def change_webhook_endpoint(call: Call[WebhookEndpointChange]) -> Reply[WebhookEndpointOut]:
    tenant, asked = await call.tenant(), call.input
    changed = await call.use_cases.change_webhook_endpoint(
        tenant.id,
        call.path["endpoint_id"],
        url=asked.url,
        events=asked.events,
        description=asked.description,
        paused=asked.paused,
    )
    return Reply(WebhookEndpointOut.of(changed))


async def remove_webhook_endpoint(call: Call[Nothing]) -> Reply[Nothing]:
    tenant = await call.tenant()
    await call.use_cases.remove_webhook_endpoint(tenant.id, call.path["endpoint_id"])
    return Reply(Nothing())


async def rotate_webhook_secret(call: Call[Nothing]) -> Reply[WebhookEndpointWithSecret]:
    tenant = await call.tenant()
    endpoint, secret = await call.use_cases.rotate_webhook_secret(tenant.id, call.path["endpoint_id"])
    return Reply(WebhookEndpointWithSecret.made(endpoint, secret))


async def try_webhook_endpoint(call: Call[Nothing]) -> Reply[DeliveryOut]:
    """Answers once the receiver has, or its time is over; a refused test is an answer too, not an error."""
    tenant = await call.tenant()
    return Reply(DeliveryOut.of(await call.use_cases.try_webhook_endpoint(tenant.id, call.path["endpoint_id"])))


async def list_deliveries(call: Call[DeliveriesQuery]) -> Reply[Page[DeliveryOut]]:
    tenant, asked = await call.tenant(), call.input
    page = await call.use_cases.list_deliveries(
        tenant.id,
        call.path["endpoint_id"],
        limit=asked.limit,
        before=cursor.decode(asked.cursor) if asked.cursor else None,
    )
    return Reply(
        Page(
            items=[DeliveryOut.of(one) for one in page.deliveries],
            next=None if page.next_before is None else cursor.encode(page.next_before),
        )
    )
