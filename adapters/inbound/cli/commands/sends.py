"""`jobferry sends`: list sends, show one, retry or cancel it."""

from __future__ import annotations

from datetime import UTC
from typing import Annotated

import typer
from rich.text import Text

from adapters.inbound.cli.command_context import CommandContext, carry_out
from adapters.inbound.cli.options import Json, TenantOption, group
from adapters.inbound.cli.views import words
from adapters.inbound.cli.views.output import data, document, say, table
from adapters.inbound.cli.views.send_view import print_send
from adapters.inbound.schema.schema_base import Page
from adapters.inbound.schema.sending.sends import SendOut, SendSummary
from core.model.sending.send import Send, SendState
from core.services.sending.list_sends import SendPage
from core.services.sending.show_send import SendDetails

sends = group("List sends, show one, retry or cancel it.")
SendArgument = Annotated[str, typer.Argument(metavar="SEND", help="The send's id, such as snd_01J...")]

_STATE_HELP = f"Only this state; may be repeated. One of {', '.join(SendState)}."


@sends.command("list")
def list_(
    ctx: typer.Context,
    tenant: TenantOption = None,
    connection: Annotated[str | None, typer.Option("--connection", "-c", metavar="SLUG", help="Only this one.")] = None,
    state: Annotated[list[SendState] | None, typer.Option("--state", metavar="STATE", help=_STATE_HELP)] = None,
    job: Annotated[str | None, typer.Option(help="Only sends of this job id.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many at most.")] = 50,
    before: Annotated[
        int | None, typer.Option(help="For the next page: the number that the last page printed.")
    ] = None,
    as_json: Json = False,
) -> None:
    """List sends, newest first."""

    async def work(context: CommandContext) -> SendPage:
        owner = await context.tenant(tenant)
        return await context.use_cases.list_sends(
            owner.id, states=state or (), connection=connection, job_id=job, limit=limit, before=before
        )

    page = carry_out(ctx, work)
    if as_json:
        items = [SendSummary.of(one, page.slugs[one.connection_id]) for one in page.sends]
        document(Page[SendSummary](items=items, next=None if page.next_before is None else str(page.next_before)))
    elif page.sends:
        rows = (_row(one, page.slugs[one.connection_id]) for one in page.sends)
        columns = ("Send", "When (UTC)", "Job", "Connection", "Work order", "State", "Why")
        data.print(table(columns, rows, whole=("Send", "Job")))
        if page.next_before is not None:
            say(f"There are more: --before {page.next_before}")
    else:
        say("There is no such send.")


@sends.command()
def show(ctx: typer.Context, send: SendArgument, tenant: TenantOption = None, as_json: Json = False) -> None:
    """Show one send.

    Its outcome, every attempt, and what to do now.
    """

    async def work(context: CommandContext) -> SendDetails:
        return await context.use_cases.show_send((await context.tenant(tenant)).id, send)

    details = carry_out(ctx, work)
    if as_json:
        document(SendOut.of_details(details))
    else:
        print_send(data, details)


@sends.command()
def retry(ctx: typer.Context, send: SendArgument, tenant: TenantOption = None, as_json: Json = False) -> None:
    """Retry a failed or waiting send now. Only the steps that are left are done."""

    async def work(context: CommandContext) -> tuple[SendDetails, bool]:
        owner = await context.tenant(tenant)
        await context.use_cases.retry_send(owner.id, send)
        return await context.use_cases.show_send(owner.id, send), await context.worker_alive()

    details, worker_alive = carry_out(ctx, work)
    _tell(details, "is tried again now", as_json)
    if not worker_alive:
        say("no worker runs, so nothing happens until you start `jobferry serve` or `jobferry worker`.", label="Note:")


@sends.command()
def cancel(ctx: typer.Context, send: SendArgument, tenant: TenantOption = None, as_json: Json = False) -> None:
    """Cancel a send that has written nothing yet."""

    async def work(context: CommandContext) -> SendDetails:
        owner = await context.tenant(tenant)
        await context.use_cases.cancel_send(owner.id, send)
        return await context.use_cases.show_send(owner.id, send)

    _tell(carry_out(ctx, work), "is cancelled; nothing was sent", as_json)


def _tell(details: SendDetails, what: str, as_json: bool) -> None:
    if as_json:
        document(SendOut.of_details(details))
    else:
        say(f"The send of job {details.send.job_number or details.send.job_id} to {details.connection.name} {what}.")


def _row(send: Send, connection: str) -> list[str | Text]:
    """The code of the first blocking finding says why; `sends show` has the rest."""
    why = next((found.code for found in send.findings if found.blocks), "")
    number = send.work_order_number or "-"
    when = f"{send.requested_at.astimezone(UTC):%m-%d %H:%M}"
    return [send.id, when, send.job_number or send.job_id, connection, number, words.state(send.state), why]
