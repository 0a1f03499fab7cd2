"""The state of ServiceTrade's webhook."""

from __future__ import annotations

from adapters.inbound.schema.schema_base import Moment, Output
from core.services.webhooks.servicetrade_webhook import WebhookState


class WebhookOut(Output):
    """`on`: the webhook is enabled in ServiceTrade and reports changes to Jobferry. Its address is secret."""

    on: bool
    webhook_id: str | None
    since: Moment | None

    @classmethod
    def of(cls, state: WebhookState) -> WebhookOut:
        return cls(on=state.on, webhook_id=state.webhook_id, since=state.since)
