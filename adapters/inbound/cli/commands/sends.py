"""`jobferry sends`: list sends, show one, retry or cancel it."""

from __future__ import annotations

from datetime import UTC
from typing import Annotated

import typer
from rich.text import Text

from adapters.inbound.cli.command_context import CommandContext, group
from adapters.inbound.cli.options import Before, Json, Limit, OnlyConnection, TenantOption
from adapters.inbound.cli.views import words
from adapters.inbound.cli.views.output import answer, data, document, document_list, say, table, tell_more
from adapters.inbound.cli.views.send_view import print_send
from adapters.inbound.schema.sending.sends import SendOut, SendSummary
from core.model.sending.send import Send, SendState
from core.services.sending.read_sends import SendDetails

sends = group("sends", "List sends, show one, retry or cancel it.")
SendArgument = Annotated[str, typer.Argument(metavar="SEND", help="The send's id, such as snd_01J...")]

_STATE_HELP = f"Only this state; may be repeated. One of {', '.join(SendState)}."


@sends.command("list")
async def list_(
    context: CommandContext,
    tenant: TenantOption = None,
    connection: OnlyConnection = None,
    state: Annotated[list[SendState] | None, typer.Option("--state", metavar="STATE", help=_STATE_HELP)] = None,
    job: Annotated[str | None, typer.Option(help="Only sends of this job id.")] = None,
    limit: Limit = 50,
    before: Before = None,
    as_json: Json = False,
) -> None:
    """List sends, newest first."""
    owner = await context.tenant(tenant)
    page = await context.use_cases.list_sends(
        owner.id, states=state or (), connection=connection, job_id=job, limit=limit, before=before
    )
    if as_json:
        items = [SendSummary.of(one, page.slugs[one.connection_id]) for one in page.sends]
        document_list(items, page.next_before)
    elif page.sends:
        rows = (_row(one, page.slugs[one.connection_id]) for one in page.sends)
        columns = ("Send", "When (UTC)", "Job", "Connection", "Work order", "State", "Why")
        data.print(table(columns, rows, whole=("Send", "Job")))
        tell_more(page.next_before)
    else:
        say("There is no such send.")


@sends.command()
async def show(context: CommandContext, send: SendArgument, tenant: TenantOption = None, as_json: Json = False) -> None:
    """Show one send.

    Its outcome, every attempt, and what to do now.
    """
    details = await context.use_cases.show_send((await context.tenant(tenant)).id, send)
    if as_json:
        document(SendOut.of_details(details))
    else:
        print_send(data, details)


@sends.command()
async def retry(
    context: CommandContext, send: SendArgument, tenant: TenantOption = None, as_json: Json = False
) -> None:
    """Retry a failed or waiting send now. Only the steps that are left are done."""
    owner = await context.tenant(tenant)
    await context.use_cases.send_actions.retry(owner.id, send)
    details, worker_alive = await context.use_cases.show_send(owner.id, send), await context.worker_alive()
    _tell(details, "is tried again now", as_json)
    if not worker_alive:
        say("no worker runs, so nothing happens until you start `jobferry serve` or `jobferry worker`.", label="Note:")


@sends.command()
async def cancel(
    context: CommandContext, send: SendArgument, tenant: TenantOption = None, as_json: Json = False
) -> None:
    """Cancel a send that has written nothing yet."""
    owner = await context.tenant(tenant)
    await context.use_cases.send_actions.cancel(owner.id, send)
    _tell(await context.use_cases.show_send(owner.id, send), "is cancelled; nothing was sent", as_json)


def _tell(details: SendDetails, what: str, as_json: bool) -> None:
    answer(
        SendOut.of_details(details),
        f"The send of job {details.send.job_number or details.send.job_id} to {details.connection.name} {what}.",
        as_json=as_json,
    )


def _row(send: Send, connection: str) -> list[str | Text]:
    """The code of the first blocking finding says why; `sends show` has the rest."""
    why = next((found.code for found in send.findings if found.blocks), "")
    number = send.work_order_number or "-"
    when = f"{send.requested_at.astimezone(UTC):%m-%d %H:%M}"
    return [send.id, when, send.job_number or send.job_id, connection, number, words.state(send.state), why]
