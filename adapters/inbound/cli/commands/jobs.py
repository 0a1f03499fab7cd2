"""`jobferry jobs`: preview a send, send a job, complete a job."""

from __future__ import annotations

import getpass
from dataclasses import dataclass
from typing import Annotated

import typer

from adapters.inbound.cli.command_context import CommandContext, carry_out
from adapters.inbound.cli.commands.items_stand import items_stand
from adapters.inbound.cli.endings import ExitCode
from adapters.inbound.cli.options import ConnectionOption, ItemsOption, Json, TenantOption, group
from adapters.inbound.cli.views.following import follow, tell_why_it_waits
from adapters.inbound.cli.views.line_view import print_choices
from adapters.inbound.cli.views.output import data, document, messages, say
from adapters.inbound.cli.views.plan_view import print_plan
from adapters.inbound.cli.views.send_view import print_send
from adapters.inbound.schema.sending.plans import PreviewOut
from adapters.inbound.schema.sending.sends import SendOut
from core.model.connections.connection import Connection
from core.model.sending.send import SendState
from core.model.tenants.tenant import Tenant
from core.model.work_orders.cost_line import ItemsMode
from core.services.planning.preview_send import SendPreview
from core.services.sending.request_send import PlanBlocked, PlanChanged, SendRequest
from core.services.sending.show_send import SendDetails

jobs = group("Preview, send and complete ServiceTrade jobs.")
jobs.command("items-stand")(items_stand)

JobArgument = Annotated[str, typer.Argument(metavar="JOB", help="The job's id in ServiceTrade.")]
ByNumber = Annotated[bool, typer.Option("--by-number", help="JOB is the job number, not the id.")]
Adopt = Annotated[bool, typer.Option("--adopt", help="Accept a work order number that another job has.")]

PlanHash = Annotated[str | None, typer.Option(help="Send only if the plan still has this hash, from a preview.")]
Wait = Annotated[bool, typer.Option("--wait", help="Wait for the end; this process sends if no worker runs.")]
Timeout = Annotated[float, typer.Option(help="With --wait: how many seconds at most.", min=0)]

_SHORTEST_ID = 10
_EXIT_CODES = {
    SendState.SENT: ExitCode.DONE,
    SendState.SENT_WITH_WARNINGS: ExitCode.DONE,
    SendState.DONE_BY_HAND: ExitCode.DONE,
    SendState.NEEDS_ATTENTION: ExitCode.FAILED,
    SendState.CANCELLED: ExitCode.FAILED,
}


@jobs.command()
def preview(
    ctx: typer.Context,
    job: JobArgument,
    tenant: TenantOption = None,
    connection: ConnectionOption = None,
    by_number: ByNumber = False,
    adopt: Adopt = False,
    items: ItemsOption = ItemsMode.NONE,
    completing: Annotated[bool, typer.Option("--completing", help="Show what `jobs complete` would send.")] = False,
    as_json: Json = False,
) -> None:
    """Show what a send would write, and what blocks it.

    Shows every field. Nothing is written.
    """

    async def work(context: CommandContext) -> tuple[Connection, SendPreview]:
        owner, target, job_id = await _named(context, tenant, connection, job, by_number)
        return target, await context.use_cases.preview_send(
            owner.id, target.slug, job_id, adopt=adopt, items=items, completing=completing
        )

    target, preview = carry_out(ctx, work)
    if as_json:
        document(PreviewOut.of_preview(preview))
    else:
        print_plan(data, preview.plan, target.name)
        print_choices(data, preview.choices)
    if not preview.plan.sendable:
        raise typer.Exit(ExitCode.FAILED)


@jobs.command()
def send(
    ctx: typer.Context,
    job: JobArgument,
    tenant: TenantOption = None,
    connection: ConnectionOption = None,
    by_number: ByNumber = False,
    adopt: Adopt = False,
    items: ItemsOption = ItemsMode.NONE,
    plan_hash: PlanHash = None,
    wait: Wait = False,
    timeout: Timeout = 120,
    as_json: Json = False,
) -> None:
    """Send a job to Spectrum.

    A worker carries it out, and retries by itself if the cause may pass.
    """
    asked = _Asked(tenant, connection, job, by_number, adopt, items, plan_hash)
    _carry_across(ctx, asked, wait=timeout if wait else None, as_json=as_json)


@jobs.command()
def complete(
    ctx: typer.Context,
    job: JobArgument,
    tenant: TenantOption = None,
    connection: ConnectionOption = None,
    by_number: ByNumber = False,
    adopt: Adopt = False,
    items: ItemsOption = ItemsMode.NONE,
    plan_hash: PlanHash = None,
    wait: Wait = False,
    timeout: Timeout = 120,
    as_json: Json = False,
) -> None:
    """Complete a job in ServiceTrade and send it.

    Choose its items with --items. A job that cannot be sent stays open.
    """
    asked = _Asked(tenant, connection, job, by_number, adopt, items, plan_hash, completes=True)
    _carry_across(ctx, asked, wait=timeout if wait else None, as_json=as_json)


@dataclass(frozen=True, slots=True)
class _Asked:
    tenant: str | None
    connection: str | None
    job: str
    by_number: bool
    adopt: bool
    items: ItemsMode
    plan_hash: str | None
    completes: bool = False


def _carry_across(ctx: typer.Context, asked: _Asked, *, wait: float | None, as_json: bool) -> None:
    """Request the send and print it. `wait` is how many seconds to wait for its end; None means no wait."""

    async def work(context: CommandContext) -> tuple[SendDetails, bool]:
        owner, target, job_id = await _named(context, asked.tenant, asked.connection, asked.job, asked.by_number)
        request = SendRequest(
            connection=target.slug,
            job_id=job_id,
            requested_by=f"cli:{getpass.getuser()}",
            adopt=asked.adopt,
            plan_hash=asked.plan_hash,
            items=asked.items,
        )
        store = context.use_cases.complete_job if asked.completes else context.use_cases.request_send
        if wait is None:
            stored = await store(owner.id, request)
        else:
            async with context.worker_at_hand():
                stored = await store(owner.id, request)
                if not target.paused:
                    tell_why_it_waits(target, owner.slug)
                    await follow(context, stored, wait)
        return await context.use_cases.show_send(owner.id, stored.id), await context.worker_alive()

    try:
        details, worker_alive = carry_out(ctx, work)
    except (PlanChanged, PlanBlocked) as refused:
        print_plan(messages, refused.plan, asked.connection or "Spectrum")
        raise
    if as_json:
        document(SendOut.of_details(details))
    elif wait is not None:
        print_send(data, details)
    else:
        data.print(details.send.id)
        say(f"Job {details.send.job_id} waits to be sent to {details.connection.name}.")
        say(f"jobferry sends show {details.send.id}", label="Follow it:", style="bold")
    if not details.send.state.settled and not worker_alive:
        _note("no worker runs, so nothing happens until you start `jobferry serve` or `jobferry worker`.")
    if wait is not None:
        raise typer.Exit(_EXIT_CODES.get(details.send.state, ExitCode.PARTLY_DONE))


async def _named(
    context: CommandContext, tenant: str | None, connection: str | None, job: str, by_number: bool
) -> tuple[Tenant, Connection, str]:
    if not by_number and len(job) < _SHORTEST_ID:
        _note(f"{job} looks like a job number, not an id; if it is one, add --by-number.")
    owner = await context.tenant(tenant)
    target = await context.connection(owner, connection)
    return owner, target, await context.use_cases.find_job(owner.id, job) if by_number else job


def _note(text: str) -> None:
    say(text, label="Note:", style="yellow")
