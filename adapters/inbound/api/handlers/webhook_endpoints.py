"""Webhook endpoints: addresses of a tenant's programs that receive events about sends."""

from __future__ import annotations

from functools import partial

from adapters.inbound.api import cursor
from adapters.inbound.api.call import Call, Reply
from adapters.inbound.schema.schema_base import Nothing, Page, PageQuery
from adapters.inbound.schema.webhook_endpoints import (
    DeliveriesQuery,
    DeliveryOut,
    RedeliverIn,
    RedeliveryOut,
    WebhookEndpointIn,
    WebhookEndpointOut,
    WebhookEndpointPatch,
    WebhookEndpointWithSecret,
)


async def add_webhook_endpoint(call: Call[WebhookEndpointIn]) -> Reply[WebhookEndpointWithSecret]:
    """Add the address of a program that receives events. Only this answer contains the signing secret."""
    tenant, asked = call.tenant, call.input
    endpoint, secret = await call.use_cases.webhook_endpoints.add(
        tenant.id, asked.url, events=asked.events, description=asked.description, by=call.caller.name
    )
    location = f"/v1/tenants/{tenant.slug}/webhook-endpoints/{endpoint.id}"
    return Reply(WebhookEndpointWithSecret.made(endpoint, secret), {"Location": location})


async def list_webhook_endpoints(call: Call[PageQuery]) -> Reply[Page[WebhookEndpointOut]]:
    """List the tenant's webhook endpoints.

    Oldest first, without their secrets.
    """
    found = await call.use_cases.webhook_endpoints.all(call.tenant.id)
    return cursor.page_by_id(found, call.input, partial(WebhookEndpointOut.to, call.caller))


async def find_webhook_endpoint(call: Call[Nothing]) -> Reply[WebhookEndpointOut]:
    """Show one webhook endpoint.

    Also since when it fails. Its secret is never shown.
    """
    found = await call.use_cases.webhook_endpoints.find(call.tenant.id, call.path["endpoint_id"])
    return Reply(WebhookEndpointOut.to(call.caller, found))


async def change_webhook_endpoint(call: Call[WebhookEndpointPatch]) -> Reply[WebhookEndpointOut]:
    """Change an endpoint's address or events, or pause it. Fields not given do not change. In a pause events wait."""
    tenant, asked = call.tenant, call.input
    changed = await call.use_cases.webhook_endpoints.change(
        tenant.id,
        call.path["endpoint_id"],
        url=asked.url,
        events=asked.events,
        description=asked.description,
        paused=asked.paused,
        by=call.caller.name,
    )
    return Reply(WebhookEndpointOut.of(changed))


async def remove_webhook_endpoint(call: Call[Nothing]) -> Reply[Nothing]:
    """Remove a webhook endpoint.

    Its waiting deliveries are removed too.
    """
    await call.use_cases.webhook_endpoints.remove(call.tenant.id, call.path["endpoint_id"], by=call.caller.name)
    return Reply(Nothing())


async def rotate_webhook_secret(call: Call[Nothing]) -> Reply[WebhookEndpointWithSecret]:
    """Make a new signing secret, which only this answer contains. The old secret also signs for one day."""
    endpoint, secret = await call.use_cases.webhook_endpoints.rotate_secret(
        call.tenant.id, call.path["endpoint_id"], by=call.caller.name
    )
    return Reply(WebhookEndpointWithSecret.made(endpoint, secret))


async def try_webhook_endpoint(call: Call[Nothing]) -> Reply[DeliveryOut]:
    """Post a test event now. Answers when the receiver has answered, also with a refusal, or its time is over."""
    tried = await call.use_cases.webhook_endpoints.test(call.tenant.id, call.path["endpoint_id"], by=call.caller.name)
    return Reply(DeliveryOut.of(tried))


async def redeliver(call: Call[RedeliverIn]) -> Reply[RedeliveryOut]:
    """Post events again: one, or all since a moment. Each has its former id, a new signature, and the header
    `Jobferry-Redelivered: true`.

    They go to the endpoint's present address. Only events that the endpoint has, or had, a delivery of.
    """
    done = await call.use_cases.webhook_endpoints.redeliver(
        call.tenant.id, call.path["endpoint_id"], call.input.chosen, by=call.caller.name
    )
    return Reply(RedeliveryOut.of(done))


async def list_deliveries(call: Call[DeliveriesQuery]) -> Reply[Page[DeliveryOut]]:
    """List the deliveries to a webhook endpoint, newest first. The operator chooses how long they are kept."""
    tenant, asked = call.tenant, call.input
    page = await call.use_cases.webhook_endpoints.deliveries(
        tenant.id,
        call.path["endpoint_id"],
        limit=asked.limit,
        before=cursor.decode(asked.cursor),
    )
    return cursor.page_before([DeliveryOut.of(one) for one in page.deliveries], page.next_before)
