"""ServiceTrade's webhook of a tenant: switch it on or off, show its state."""

from __future__ import annotations

from adapters.inbound.api.call import Call, Reply
from adapters.inbound.schema.schema_base import Nothing
from adapters.inbound.schema.webhook_endpoints import WebhookOut


async def show_webhook(call: Call[Nothing]) -> Reply[WebhookOut]:
    """Show whether ServiceTrade reports completed jobs at once.

    Otherwise Jobferry learns of them at its next poll.
    """
    return Reply(WebhookOut.of(await call.use_cases.servicetrade_webhook.show(call.tenant.id)))


async def switch_webhook_on(call: Call[Nothing]) -> Reply[WebhookOut]:
    """Learn of completed jobs at once.

    Registers Jobferry's address in ServiceTrade. Repeating it changes nothing.
    """
    return Reply(
        WebhookOut.of(await call.use_cases.servicetrade_webhook.switch_on(call.tenant.id, by=call.caller.name))
    )


async def switch_webhook_off(call: Call[Nothing]) -> Reply[Nothing]:
    """Learn of completed jobs only at the next poll.

    Removes Jobferry's address from ServiceTrade.
    """
    await call.use_cases.servicetrade_webhook.switch_off(call.tenant.id, by=call.caller.name)
    return Reply(Nothing())
