"""`jobferry jobs`: preview a send, send a job, complete a job."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

import typer

from adapters.inbound.cli.command_context import CommandContext, group
from adapters.inbound.cli.commands.items_stand import items_stand
from adapters.inbound.cli.endings import ExitCode
from adapters.inbound.cli.options import ConnectionOption, ItemsOption, Json, TenantOption, me
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
from core.services.sending.request_send import PlanBlocked, PlanChanged, SendRequest

jobs = group("jobs", "Preview, send and complete ServiceTrade jobs.")
jobs.command("items-stand")(items_stand)

JobArgument = Annotated[str, typer.Argument(metavar="JOB", help="The job's id in ServiceTrade.")]
ByNumber = Annotated[bool, typer.Option("--by-number", help="JOB is the job number, not the id.")]
Adopt = Annotated[bool, typer.Option("--adopt", help="Accept a work order number that another job has.")]

PlanHash = Annotated[str | None, typer.Option(help="Send only if the plan still has this hash, from a preview.")]
Wait = Annotated[bool, typer.Option("--wait", help="Wait for the end; this process sends if no worker runs.")]
Timeout = Annotated[float, typer.Option("--timeout", help="With --wait: how many seconds at most.", min=0)]

_SEND_HELP = """Send a job to Spectrum.

A worker carries it out, and retries by itself if the cause may pass.
"""
_COMPLETE_HELP = """Complete a job in ServiceTrade and send it.

Choose its items with --items. A job that cannot be sent stays open.
"""
_SHORTEST_ID = 10
_EXIT_CODES = {
    SendState.SENT: ExitCode.DONE,
    SendState.SENT_WITH_WARNINGS: ExitCode.DONE,
    SendState.DONE_BY_HAND: ExitCode.DONE,
    SendState.NEEDS_ATTENTION: ExitCode.FAILED,
    SendState.CANCELLED: ExitCode.FAILED,
}


@jobs.command()
async def preview(
    context: CommandContext,
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
    owner, target, job_id = await _named(context, tenant, connection, job, by_number)
    preview = await context.use_cases.preview_send(
        owner.id, target.slug, job_id, adopt=adopt, items=items, completing=completing
    )
    if as_json:
        document(PreviewOut.of_preview(preview))
    else:
        print_plan(data, preview.plan, target.name)
        print_choices(data, preview.choices)
    if not preview.plan.sendable:
        raise typer.Exit(ExitCode.FAILED)


def _sending(*, completes: bool) -> Callable[..., Coroutine[Any, Any, None]]:
    """The command that sends a job, and completes it before if `completes`."""

    async def command(
        context: CommandContext,
        job: JobArgument,
        tenant: TenantOption = None,
        connection: ConnectionOption = None,
        by_number: ByNumber = False,
        adopt: Adopt = False,
        items: ItemsOption = ItemsMode.NONE,
        plan_hash: PlanHash = None,
        wait: Wait = False,
        seconds: Timeout = 120,
        as_json: Json = False,
    ) -> None:
        owner, target, job_id = await _named(context, tenant, connection, job, by_number)
        request = SendRequest(
            connection=target.slug, job_id=job_id, requested_by=me(), adopt=adopt, plan_hash=plan_hash, items=items
        )
        store = context.use_cases.complete_job if completes else context.use_cases.request_send
        try:
            if wait:
                async with context.worker_at_hand():
                    stored = await store(owner.id, request)
                    if not target.paused:
                        tell_why_it_waits(target, owner.slug)
                        await follow(context, stored, seconds)
            else:
                stored = await store(owner.id, request)
        except (PlanChanged, PlanBlocked) as refused:
            print_plan(messages, refused.plan, connection or "Spectrum")
            raise
        details, worker_alive = await context.use_cases.show_send(owner.id, stored.id), await context.worker_alive()
        if as_json:
            document(SendOut.of_details(details))
        elif wait:
            print_send(data, details)
        else:
            data.print(stored.id)
            say(f"Job {job_id} waits to be sent to {details.connection.name}.")
            say(f"jobferry sends show {stored.id}", label="Follow it:", style="bold")
        if not details.send.state.settled and not worker_alive:
            _note("no worker runs, so nothing happens until you start `jobferry serve` or `jobferry worker`.")
        if wait:
            raise typer.Exit(_EXIT_CODES.get(details.send.state, ExitCode.PARTLY_DONE))

    return command


jobs.command("send", help=_SEND_HELP)(_sending(completes=False))
jobs.command("complete", help=_COMPLETE_HELP)(_sending(completes=True))


async def _named(
    context: CommandContext, tenant: str | None, connection: str | None, job: str, by_number: bool
) -> tuple[Tenant, Connection, str]:
    if not by_number and len(job) < _SHORTEST_ID:
        _note(f"{job} looks like a job number, not an id; if it is one, add --by-number.")
    owner, target = await context.both(tenant, connection)
    return owner, target, await context.use_cases.find_job(owner.id, job) if by_number else job


def _note(text: str) -> None:
    say(text, label="Note:", style="yellow")
