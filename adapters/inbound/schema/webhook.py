"""ServiceTrade's webhook: its state, and what it delivers."""

from __future__ import annotations

from adapters.inbound.schema.schema_base import Moment, Output
from core.services.webhooks.servicetrade_webhook import WebhookState


class WebhookOut(Output):
    """`on`: ServiceTrade has it, enabled, and tells this installation of changes. Its address is a secret."""

    on: bool
    webhook_id: str | None
    since: Moment | None

    @classmethod
    def of(cls, state: WebhookState) -> WebhookOut:
        return cls(on=state.on, webhook_id=state.webhook_id, since=state.since)
