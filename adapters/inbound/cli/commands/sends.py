"""`jobferry sends`: list sends, show one and its attempts, retry or cancel it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

import typer
from rich.text import Text

from adapters.inbound.cli.answers import answers
from adapters.inbound.cli.command_context import CommandContext, group
from adapters.inbound.cli.options import Before, Limit, OnlyConnection, TenantOption, in_utc, me
from adapters.inbound.cli.views import words
from adapters.inbound.cli.views.counts_view import counts_table
from adapters.inbound.cli.views.output import data, say
from adapters.inbound.cli.views.send_view import ATTEMPT_COLUMNS, attempt_row, print_send
from adapters.inbound.schema.schema_base import Page
from adapters.inbound.schema.sending.counts import CountsOut
from adapters.inbound.schema.sending.sends import AttemptOut, SendOut, SendSummary
from core.model.sending.send import Send, SendState
from core.model.sending.send_filter import SendFilter
from core.model.shared.moments import moment_words

sends = group("sends", "List sends, show one, retry or cancel it.")
SendArgument = Annotated[str, typer.Argument(metavar="SEND", help="The send's id, such as snd_01J...")]

_DAY = ["%Y-%m-%d"]
_TEXT_HELP = "Only this job number, work order number or id, or customers with this in their names."
_SINCE_HELP = "Only those requested from this day on (UTC), such as 2026-11-30."
_UNTIL_HELP = "Only those requested up to this day (UTC), which is included."
_STATE_HELP = f"Only this state; may be repeated. One of {', '.join(SendState)}."


@sends.command("list")
@answers(Page[SendSummary])
async def list_(
    context: CommandContext,
    tenant: TenantOption = None,
    connection: OnlyConnection = None,
    state: Annotated[list[SendState] | None, typer.Option("--state", metavar="STATE", help=_STATE_HELP)] = None,
    job: Annotated[str | None, typer.Option(help="Only sends of this job id.")] = None,
    cause: Annotated[str | None, typer.Option(help="Only with this cause: its code, such as RECORD_LOCKED.")] = None,
    text: Annotated[str | None, typer.Option(help=_TEXT_HELP)] = None,
    since: Annotated[datetime | None, typer.Option(formats=_DAY, help=_SINCE_HELP)] = None,
    until: Annotated[datetime | None, typer.Option(formats=_DAY, help=_UNTIL_HELP)] = None,
    batch: Annotated[str | None, typer.Option(help="Only sends of this batch.")] = None,
    limit: Limit = 50,
    before: Before = None,
) -> None:
    """List sends, newest first.

    \b
    Example:
      jobferry sends list --state needs_attention --since 2026-11-30
    """
    last_day = in_utc(until)
    only = SendFilter(
        states=state or (),
        job_id=job,
        batch_id=batch,
        cause=cause,
        text=text,
        since=in_utc(since),
        until=last_day and last_day + timedelta(days=1),
    )
    owner = await context.tenant(tenant)
    page = await context.use_cases.list_sends(owner.id, only, connection=connection, limit=limit, before=before)
    context.answer_list(
        (SendSummary.of_page(page, one) for one in page.sends),
        ("Send", "When (UTC)", "Job", "Customer", "Connection", "Work order", "State", "Why"),
        (_row(one, page.slugs[one.connection_id]) for one in page.sends),
        nothing="There is no such send.",
        whole=("Send", "Job"),
        next_before=page.next_before,
    )


@sends.command()
@answers(CountsOut)
async def count(context: CommandContext, tenant: TenantOption = None) -> None:
    """Count the jobs that wait, by what they wait for.

    The same numbers as on the console's first page.

    \b
    Example:
      jobferry sends count --tenant cardinal
    """
    found = await context.use_cases.count_jobs((await context.tenant(tenant)).id)
    context.answer(CountsOut.of(found), lambda: data.print(counts_table(found)))


@sends.command()
@answers(SendOut)
async def show(context: CommandContext, send: SendArgument, tenant: TenantOption = None) -> None:
    """Show one send.

    Its outcome, its newest attempts, and what to do now.

    \b
    Example:
      jobferry sends show snd_01JEXAMPLE
    """
    details = await context.use_cases.show_send((await context.tenant(tenant)).id, send)
    context.answer(SendOut.of_details(details), lambda: print_send(data, details))


@sends.command()
@answers(Page[AttemptOut])
async def attempts(
    context: CommandContext,
    send: SendArgument,
    tenant: TenantOption = None,
    limit: Limit = 50,
    before: Before = None,
) -> None:
    """List the attempts of a send, newest first.

    \b
    Example:
      jobferry sends attempts snd_01JEXAMPLE
    """
    page = await context.use_cases.list_attempts((await context.tenant(tenant)).id, send, limit=limit, before=before)
    context.answer_list(
        map(AttemptOut.of, page.attempts),
        ATTEMPT_COLUMNS,
        map(attempt_row, page.attempts),
        nothing="There is no attempt of this send.",
        next_before=page.next_before,
    )


@sends.command()
@answers(SendOut)
async def retry(context: CommandContext, send: SendArgument, tenant: TenantOption = None) -> None:
    """Retry a failed or waiting send now. Only the steps that are left are done.

    \b
    Example:
      jobferry sends retry snd_01JEXAMPLE
    """
    owner = await context.tenant(tenant)
    await context.use_cases.send_actions.retry(owner.id, send, by=me())
    await _tell(context, owner.id, send, "is tried again now")
    if not await context.worker_alive():
        say("no worker runs, so nothing happens until you start `jobferry serve` or `jobferry worker`.", label="Note:")


@sends.command()
@answers(SendOut)
async def cancel(context: CommandContext, send: SendArgument, tenant: TenantOption = None) -> None:
    """Cancel a send that has written nothing yet.

    \b
    Example:
      jobferry sends cancel snd_01JEXAMPLE
    """
    owner = await context.tenant(tenant)
    await context.use_cases.send_actions.cancel(owner.id, send, by=me())
    await _tell(context, owner.id, send, "is cancelled; nothing was sent")


async def _tell(context: CommandContext, tenant_id: str, send_id: str, what: str) -> None:
    details = await context.use_cases.show_send(tenant_id, send_id)
    job = details.send.job_number or details.send.job_id
    context.answer(SendOut.of_details(details), f"The send of job {job} to {details.connection.name} {what}.")


def _row(send: Send, connection: str) -> list[str | Text]:
    """The code of its cause says why; `sends show` has the rest."""
    why = send.cause.code if send.cause else ""
    number = send.work_order_number or "-"
    when = moment_words(send.requested_at).removesuffix(" UTC")
    job, customer = send.job_number or send.job_id, send.customer or "-"
    return [send.id, when, job, customer, connection, number, words.state(send.state), why]
