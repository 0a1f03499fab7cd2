"""Webhook endpoints and ServiceTrade's webhook. Only the answer that makes a signing secret contains it."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from adapters.inbound.schema.schema_base import Input, Moment, Output, Text
from core.model.access.api_key import Scope
from core.model.access.caller import Caller
from core.model.shared.secret import Secret
from core.model.webhooks.event import SUBSCRIBABLE, Delivery, DeliveryState, EventType
from core.model.webhooks.webhook_endpoint import WebhookEndpoint, shown


def _event(value: object) -> object:
    if value in SUBSCRIBABLE:
        return EventType(str(value))
    raise PydanticCustomError("event_type", "must be one of {kinds}", {"kinds": ", ".join(SUBSCRIBABLE)})


Url = Annotated[str, StringConstraints(max_length=2000)]
Events = list[Annotated[EventType, BeforeValidator(_event)]]
"""An empty list means all events, also future ones."""


class WebhookEndpointIn(Input):
    url: Url
    events: Events = Field(default_factory=list)
    description: Text = ""


class WebhookEndpointPatch(Input):
    """Fields that are left out or null do not change."""

    url: Url | None = None
    events: Events | None = None
    description: Text | None = None
    paused: bool | None = None


class WebhookEndpointOut(Output):
    """`paused_reason` says why Jobferry paused it; '' if a person did. `failing_since` is the time of the first failed
    try after the last success. Without the scope `manage`, `url` is shown without its query."""

    id: str
    url: str
    events: list[EventType]
    description: str
    paused: bool
    paused_reason: str
    failing_since: Moment | None
    created_at: Moment

    @classmethod
    def to(cls, caller: Caller, endpoint: WebhookEndpoint) -> Self:
        """For callers who may not change it, the address has no query, which may hold the receiver's own secret."""
        return cls.of(endpoint, url=endpoint.url if caller.may(Scope.MANAGE) else shown(endpoint.url))


class WebhookEndpointWithSecret(WebhookEndpointOut):
    """`secret` is shown only in this answer."""

    secret: str

    @classmethod
    def made(cls, endpoint: WebhookEndpoint, secret: Secret) -> Self:
        return cls.of(endpoint, secret=secret.reveal())


class DeliveriesQuery(Input):
    limit: int = Field(default=50, ge=1, le=200)
    cursor: Text | None = None


class DeliveryOut(Output):
    """`event_id` is the `webhook-id` of every try. `status` is the last answer's HTTP status, null without answer."""

    event_id: str
    event: EventType
    state: DeliveryState
    status: int | None
    detail: str
    tries: int
    created_at: Moment
    last_try_at: Moment | None
    next_try_at: Moment | None

    @classmethod
    def of(cls, delivery: Delivery) -> Self:
        return super().of(delivery, event=delivery.type, next_try_at=delivery.due_at)


class WebhookOut(Output):
    """`on`: the webhook is enabled in ServiceTrade and reports changes to Jobferry. Its address is secret."""

    on: bool
    webhook_id: str | None
    since: Moment | None
