"""The state of ServiceTrade's webhook."""

from __future__ import annotations

from adapters.inbound.schema.schema_base import Moment, Output


class WebhookOut(Output):
    """`on`: the webhook is enabled in ServiceTrade and reports changes to Jobferry. Its address is secret."""

    on: bool
    webhook_id: str | None
    since: Moment | None
