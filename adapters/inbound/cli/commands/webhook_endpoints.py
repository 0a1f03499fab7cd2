"""`jobferry webhook-endpoints`: addresses of a tenant's own programs that receive events about sends."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer
from rich.text import Text

from adapters.inbound.cli.answers import answers
from adapters.inbound.cli.command_context import CommandContext, group
from adapters.inbound.cli.endings import ExitCode
from adapters.inbound.cli.options import TenantOption, in_utc, me
from adapters.inbound.cli.views import words
from adapters.inbound.cli.views.output import data, document, say, table
from adapters.inbound.schema.schema_base import Nothing, Page
from adapters.inbound.schema.webhook_endpoints import (
    DeliveryOut,
    RedeliveryOut,
    WebhookEndpointOut,
    WebhookEndpointWithSecret,
)
from core.model.shared.errors import BadInput
from core.model.webhooks.event import DeliveriesAgain, DeliveryState, EventType
from core.model.webhooks.webhook_endpoint import WebhookEndpoint

webhook_endpoints = group("webhook-endpoints", "Programs that receive events about sends.")
_MOMENTS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
EndpointId = Annotated[str, typer.Argument(metavar="ID", help="The endpoint's id, such as whe_01J...")]


@webhook_endpoints.command()
@answers(WebhookEndpointWithSecret)
async def add(
    context: CommandContext,
    url: Annotated[str, typer.Argument(help="The https address to post events to.")],
    event: Annotated[
        list[EventType] | None,
        typer.Option("--event", metavar="EVENT", help="An event to send, such as send.failed; repeatable. Else: all."),
    ] = None,
    description: Annotated[str, typer.Option(help="What it is for.")] = "",
    tenant: TenantOption = None,
) -> None:
    """Add an endpoint; shows its signing secret once.

    \b
    Example:
      jobferry webhook-endpoints add https://example.com/jobferry \\
          --event send.failed
    """
    owner = await context.tenant(tenant)
    added, secret = await context.use_cases.webhook_endpoints.add(
        owner.id, url, events=event or (), description=description, by=me()
    )
    if context.as_json:
        document(WebhookEndpointWithSecret.made(added, secret))
        return
    say(f"Webhook endpoint {added.id} is added. Its signing secret is shown only now:")
    data.print(secret.reveal())
    say(f"jobferry webhook-endpoints test {added.id}", label="Next:", style="bold")


@webhook_endpoints.command("list")
@answers(Page[WebhookEndpointOut])
async def list_(context: CommandContext, tenant: TenantOption = None) -> None:
    """List a tenant's endpoints, oldest first.

    \b
    Example:
      jobferry webhook-endpoints list --tenant cardinal
    """
    found = await context.use_cases.webhook_endpoints.all((await context.tenant(tenant)).id)
    context.answer_list(
        map(WebhookEndpointOut.of, found),
        ("Endpoint", "Address", "Events", "State"),
        ((one.id, one.url, _events(one), _state(one)) for one in found),
        nothing="There is no webhook endpoint yet. Add one: jobferry webhook-endpoints add --help",
        whole=("Endpoint",),
    )


@webhook_endpoints.command()
@answers(WebhookEndpointOut)
async def show(context: CommandContext, endpoint_id: EndpointId, tenant: TenantOption = None) -> None:
    """Show one endpoint and its latest deliveries.

    \b
    Example:
      jobferry webhook-endpoints show whe_01JEXAMPLE
    """
    owner, endpoints = await context.tenant(tenant), context.use_cases.webhook_endpoints
    found = await endpoints.find(owner.id, endpoint_id)
    deliveries = (await endpoints.deliveries(owner.id, endpoint_id, limit=10)).deliveries
    if context.as_json:
        document(WebhookEndpointOut.of(found))
        return
    facts: list[list[str | Text]] = [
        ["Address", found.url],
        ["Events", _events(found)],
        ["Description", found.description or "-"],
        ["State", _state(found)],
    ]
    data.print(table((f"Endpoint {found.id}", ""), facts))
    rows = (
        [one.event_id, words.moment(one.created_at), one.type.value, one.state.value, str(one.tries), one.detail or "-"]
        for one in deliveries
    )
    data.print(table(("Id", "When (UTC)", "Event", "State", "Tries", "Last answer"), rows, whole=("Id", "When (UTC)")))


@webhook_endpoints.command()
@answers(Nothing)
async def remove(context: CommandContext, endpoint_id: EndpointId, tenant: TenantOption = None) -> None:
    """Remove an endpoint and its waiting deliveries.

    \b
    Example:
      jobferry webhook-endpoints remove whe_01JEXAMPLE
    """
    await context.use_cases.webhook_endpoints.remove((await context.tenant(tenant)).id, endpoint_id, by=me())
    context.answer(Nothing(), f"Webhook endpoint {endpoint_id} is removed.")


@webhook_endpoints.command("test")
@answers(DeliveryOut)
async def try_(context: CommandContext, endpoint_id: EndpointId, tenant: TenantOption = None) -> None:
    """Post a test event now, and show the answer.

    \b
    Example:
      jobferry webhook-endpoints test whe_01JEXAMPLE
    """
    owner = await context.tenant(tenant)
    tried = await context.use_cases.webhook_endpoints.test(owner.id, endpoint_id, by=me())
    arrived = tried.state is DeliveryState.DELIVERED
    text = f"The test event {tried.event_id} {'arrived' if arrived else 'did not arrive'}: {tried.detail}"
    context.answer(DeliveryOut.of(tried), text)
    if not arrived:
        raise typer.Exit(ExitCode.REMOTE_SYSTEM)


@webhook_endpoints.command()
@answers(RedeliveryOut)
async def redeliver(
    context: CommandContext,
    endpoint_id: EndpointId,
    event: Annotated[
        str | None, typer.Argument(metavar="EVENT", help="The event's id, such as evt_01J...; or give --since.")
    ] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=_MOMENTS, help="All events from this day or moment on (UTC).")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=_MOMENTS, help="With --since: only events before this (UTC).")
    ] = None,
    only_failed: Annotated[
        bool, typer.Option("--only-failed", help="With --since: only events that could not be delivered.")
    ] = False,
    tenant: TenantOption = None,
) -> None:
    """Post events again: one, or all since a moment.

    Each has its former id and a new signature. A worker posts them.

    \b
    Example:
      jobferry webhook-endpoints redeliver whe_01JEXAMPLE \\
          --since 2026-11-30T09:00
    """
    if (event is None) == (since is None):
        raise BadInput("Say which events to post again.", fix="Give either the event's id or --since.")
    if event is not None and (until is not None or only_failed):
        raise BadInput("--until and --only-failed go with --since, not with one event.", fix="Leave them out.")
    chosen = DeliveriesAgain(event_id=event, since=in_utc(since), until=in_utc(until), only_failed=only_failed)
    owner = await context.tenant(tenant)
    done = await context.use_cases.webhook_endpoints.redeliver(owner.id, endpoint_id, chosen, by=me())
    waits = " The endpoint is paused, so they wait until it is resumed." if done.endpoint.paused else ""
    events = "1 event is" if done.count == 1 else f"{done.count} events are"
    said = f"{events} posted again.{waits}" if done.count else "There is nothing to post again."
    context.answer(RedeliveryOut.of(done), said)


def _events(endpoint: WebhookEndpoint) -> str:
    return ", ".join(endpoint.events) or "all"


def _state(endpoint: WebhookEndpoint) -> Text:
    if endpoint.paused:
        return Text(f"paused: {endpoint.paused_reason}" if endpoint.paused_reason else "paused", "yellow")
    if endpoint.failing_since:
        return Text(f"failing since {words.moment(endpoint.failing_since)} UTC", "bold red")
    return Text("working", "green")
