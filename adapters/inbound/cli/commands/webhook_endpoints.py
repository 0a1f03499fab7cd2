"""`jobferry webhook-endpoints`: addresses of a tenant's own programs that receive events about sends."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from adapters.inbound.cli.answers import answers
from adapters.inbound.cli.command_context import CommandContext, group
from adapters.inbound.cli.endings import ExitCode
from adapters.inbound.cli.options import TenantOption, me
from adapters.inbound.cli.views import words
from adapters.inbound.cli.views.output import data, document, say, table
from adapters.inbound.schema.schema_base import Nothing, Page
from adapters.inbound.schema.webhook_endpoints import (
    DeliveryOut,
    WebhookEndpointOut,
    WebhookEndpointWithSecret,
)
from core.model.webhooks.event import DeliveryState, EventType
from core.model.webhooks.webhook_endpoint import WebhookEndpoint

webhook_endpoints = group("webhook-endpoints", "Programs that receive events about sends.")
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
        [words.moment(one.created_at), one.type.value, one.state.value, str(one.tries), one.detail or "-"]
        for one in deliveries
    )
    data.print(table(("When (UTC)", "Event", "State", "Tries", "Last answer"), rows, whole=("When (UTC)",)))


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


def _events(endpoint: WebhookEndpoint) -> str:
    return ", ".join(endpoint.events) or "all"


def _state(endpoint: WebhookEndpoint) -> Text:
    if endpoint.paused:
        return Text(f"paused: {endpoint.paused_reason}" if endpoint.paused_reason else "paused", "yellow")
    if endpoint.failing_since:
        return Text(f"failing since {words.moment(endpoint.failing_since)} UTC", "bold red")
    return Text("working", "green")
