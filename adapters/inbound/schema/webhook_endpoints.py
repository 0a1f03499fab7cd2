"""Webhook endpoints and ServiceTrade's webhook. Only the answer that makes a signing secret contains it."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from adapters.inbound.schema.schema_base import CURSOR, Input, Moment, Output, Text
from adapters.inbound.schema.sending.send_requests import Since
from adapters.inbound.schema.terms import eg
from core.model.access.api_key import Scope
from core.model.access.caller import Caller
from core.model.shared.secret import Secret
from core.model.webhooks.event import SUBSCRIBABLE, DeliveriesAgain, Delivery, DeliveryState, EventType
from core.model.webhooks.webhook_endpoint import WebhookEndpoint, shown
from core.services.webhooks.webhook_endpoints import Redelivery


def _event(value: object) -> object:
    if value in SUBSCRIBABLE:
        return EventType(str(value))
    raise PydanticCustomError("event_type", "must be one of {kinds}", {"kinds": ", ".join(SUBSCRIBABLE)})


Url = Annotated[str, StringConstraints(max_length=2000), Field(json_schema_extra={"format": "uri"})]
Events = list[Annotated[EventType, BeforeValidator(_event)]]
"""An empty list means all events, also future ones."""


class WebhookEndpointIn(Input):
    """The address of a program that receives events."""

    url: Annotated[Url, eg("https://erp.example.com/jobferry")]
    """Address that Jobferry posts to: https, and reachable from Jobferry."""
    events: Annotated[Events, eg(["send.succeeded", "send.failed"])] = Field(default_factory=list)
    """Which events it receives. Empty: all, also those of future versions."""
    description: Annotated[Text, eg("Billing system")] = ""
    """What it is, for people."""


class WebhookEndpointPatch(Input):
    """Changes of a webhook endpoint. Fields that are left out or null do not change."""

    url: Annotated[Url, eg("https://erp.example.com/jobferry")] | None = None
    """A new address to post to."""
    events: Annotated[Events, eg(["send.failed"])] | None = None
    """Which events it receives from now on. Empty: all."""
    description: Annotated[Text, eg("Billing system")] | None = None
    """What it is, for people."""
    paused: Annotated[bool, eg(False)] | None = None
    """True: events wait. False: it receives them again, also those that waited."""


class WebhookEndpointOut(Output):
    """The address of a program that receives events, and whether they arrive."""

    id: Annotated[str, eg("whe_01KJPV4V00EXAMPLE0000000E1")]
    """Id of the endpoint, given by Jobferry."""
    url: Annotated[str, Field(examples=["https://erp.example.com/jobferry"], json_schema_extra={"format": "uri"})]
    """Address that Jobferry posts to. Keys without the scope `manage` see it without its query."""
    events: Annotated[list[EventType], eg(["send.succeeded", "send.failed"])]
    """Which events it receives. Empty: all."""
    description: Annotated[str, eg("Billing system")]
    """What it is, for people. '' if nobody wrote it."""
    paused: bool
    """Whether events wait."""
    paused_reason: Annotated[str, eg("")]
    """Why Jobferry paused it. '' if it is not paused, or if a person paused it."""
    failing_since: Annotated[Moment, eg(None)] | None
    """Time of the first failed try after the last success. Null: the last try succeeded."""
    created_at: Moment
    """When it was added."""

    @classmethod
    def to(cls, caller: Caller, endpoint: WebhookEndpoint) -> Self:
        """For callers who may not change it, the address has no query, which may hold the receiver's own secret."""
        return cls.of(endpoint, url=endpoint.url if caller.may(Scope.MANAGE) else shown(endpoint.url))


class WebhookEndpointWithSecret(WebhookEndpointOut):
    """A webhook endpoint with its signing secret."""

    secret: Annotated[str, eg("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    """Secret that signs each event, as Standard Webhooks describes. Only this answer contains it."""

    @classmethod
    def made(cls, endpoint: WebhookEndpoint, secret: Secret) -> Self:
        return cls.of(endpoint, secret=secret.reveal())


class DeliveriesQuery(Input):
    """Which part of the list of deliveries is wanted."""

    limit: int = Field(default=50, ge=1, le=200)
    """The most deliveries in one answer."""
    cursor: Annotated[Text, CURSOR] | None = None


class RedeliverIn(Input):
    """Which events to post again: one, or all from a moment on."""

    event_id: Annotated[Text, eg("evt_01KJPV4V00EXAMPLE0000000V1")] | None = None
    """The event: the `webhook-id` of its posts. Null: `since` is given."""
    since: Annotated[Since, eg(None)] | None = None
    """All events that happened at this moment or later. A day begins at midnight in UTC. Null: `event_id` is given."""
    until: Annotated[Since, eg(None)] | None = None
    """With `since`: only events that happened before this moment. Null: all until now."""
    only_failed: Annotated[bool, eg(False)] = False
    """With `since`: only events whose delivery has failed."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.event_id is None) == (self.since is None):
            raise PydanticCustomError("one_way", "must have either event_id or since")
        if self.event_id is not None and (self.until is not None or self.only_failed):
            raise PydanticCustomError("one_way", "must have until and only_failed only with since")
        return self

    @property
    def chosen(self) -> DeliveriesAgain:
        return DeliveriesAgain(event_id=self.event_id, since=self.since, until=self.until, only_failed=self.only_failed)


class RedeliveryOut(Output):
    """How many events are posted again."""

    deliveries: Annotated[int, eg(12)]
    """How many events are posted again. One that was not tried yet is not counted: it comes by itself."""
    paused: bool
    """Whether the endpoint is paused: then they are posted once it is resumed."""

    @classmethod
    def of(cls, done: Redelivery) -> Self:
        return cls(deliveries=done.count, paused=done.endpoint.paused)


class DeliveryOut(Output):
    """One event for one endpoint, and what became of it."""

    event_id: Annotated[str, eg("evt_01KJPV4V00EXAMPLE0000000V1")]
    """Id of the event: the `webhook-id` of every try."""
    event: EventType
    """Which event it is."""
    state: DeliveryState
    """What became of it."""
    status: Annotated[int, eg(204)] | None
    """HTTP status of the receiver's last answer. Null: no answer yet."""
    detail: Annotated[str, eg("204 No Content")]
    """What became of the last try, in words."""
    tries: Annotated[int, eg(1)]
    """How often it was tried."""
    created_at: Moment
    """When the event happened."""
    last_try_at: Moment | None
    """When it was last tried. Null: not yet."""
    next_try_at: Annotated[Moment, eg(None)] | None
    """When it is tried again. Null: not any more."""
    redelivered_at: Annotated[Moment, eg(None)] | None
    """When somebody last asked to post it again; `tries` counts from then on. Null: never."""

    @classmethod
    def of(cls, delivery: Delivery) -> Self:
        return super().of(delivery, event=delivery.type, next_try_at=delivery.due_at)


class WebhookOut(Output):
    """ServiceTrade's webhook, which reports completed jobs at once."""

    on: Annotated[bool, eg(True)]
    """Whether it is enabled in ServiceTrade and reports changes to Jobferry."""
    webhook_id: Annotated[str, eg("1207")] | None
    """ServiceTrade's id of the webhook. Null: there is none."""
    since: Moment | None
    """When Jobferry registered it. Null: there is none."""
