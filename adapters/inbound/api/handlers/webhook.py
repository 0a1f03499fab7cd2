"""ServiceTrade's webhook of a tenant: on, off, and how it stands."""

from __future__ import annotations

from adapters.inbound.api.call import Call, Reply
from adapters.inbound.schema.schema_base import Nothing
from adapters.inbound.schema.webhook import WebhookOut


async def show_webhook(call: Call[Nothing]) -> Reply[WebhookOut]:
    """Whether ServiceTrade tells us of completed jobs at once."""
    tenant = call.tenant
    return Reply(WebhookOut.of(await call.use_cases.servicetrade_webhook.show(tenant.id)))


async def switch_webhook_on(call: Call[Nothing]) -> Reply[WebhookOut]:
    """Hear of completed jobs at once. Registers our address in ServiceTrade; doing it again changes nothing."""
    tenant = call.tenant
    return Reply(WebhookOut.of(await call.use_cases.servicetrade_webhook.switch_on(tenant.id)))


async def switch_webhook_off(call: Call[Nothing]) -> Reply[Nothing]:
    """Hear of completed jobs at the next poll only. Removes our address from ServiceTrade."""
    tenant = call.tenant
    await call.use_cases.servicetrade_webhook.switch_off(tenant.id)
    return Reply(Nothing())
