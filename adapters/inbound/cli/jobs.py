"""`jobferry jobs`: look at what a send would do, and send."""

from __future__ import annotations

import asyncio
import getpass
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

from adapters.inbound.cli.endings import ExitCode
from adapters.inbound.cli.options import ConnectionOption, Json, TenantOption
from adapters.inbound.cli.output import data, document, messages, say
from adapters.inbound.cli.plan_view import print_plan
from adapters.inbound.cli.send_view import print_send
from adapters.inbound.cli.workbench import Workbench, carry_out
from adapters.inbound.http.models.plans import PlanOut
from adapters.inbound.http.models.sends import SendOut
from core.model.connection import Connection
from core.model.plan import SendPlan
from core.model.send import Send, SendState, Step
from core.model.tenant import Tenant
from core.services.request_send import PlanChanged, SendRequest
from core.services.show_send import SendDetails

jobs = typer.Typer(no_args_is_help=True, help="Preview a ServiceTrade job, and send it to Spectrum.")

JobArgument = Annotated[str, typer.Argument(metavar="JOB", help="The job's id in ServiceTrade.")]
ByNumber = Annotated[bool, typer.Option("--by-number", help="JOB is the job number that people know.")]
Adopt = Annotated[bool, typer.Option("--adopt", help="Go on with a work order number that is known for another job.")]

_LOOK_AGAIN_SECONDS = 0.2
_SHORTEST_ID = 10
_STEPS = {Step.PLAN: "planning", Step.HEADER: "writing", Step.WRITE_BACK: "noting the number", Step.REPORT: "reporting"}
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
    as_json: Json = False,
) -> None:
    """Show what a send would write, field by field, and what stands in the way. Nothing is written."""

    async def work(bench: Workbench) -> tuple[Connection, SendPlan]:
        owner, target, job_id = await _named(bench, tenant, connection, job, by_number)
        return target, await bench.use_cases.preview_send(owner.id, target.slug, job_id, adopt=adopt)

    target, plan = carry_out(ctx, work)
    if as_json:
        document(PlanOut.of(plan))
    else:
        print_plan(data, plan, target.name)
    if not plan.sendable:
        raise typer.Exit(ExitCode.FAILED)


@jobs.command()
def send(
    ctx: typer.Context,
    job: JobArgument,
    tenant: TenantOption = None,
    connection: ConnectionOption = None,
    by_number: ByNumber = False,
    adopt: Adopt = False,
    plan_hash: Annotated[str | None, typer.Option(help="Send only if the plan is still the one of a preview.")] = None,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait for the end; sends in this very process if no worker runs.")
    ] = False,
    timeout: Annotated[float, typer.Option(help="With --wait: seconds at most.", min=0)] = 120,
    as_json: Json = False,
) -> None:
    """Send a job to Spectrum: a worker carries it out, and repeats by itself what time mends."""

    async def work(bench: Workbench) -> tuple[SendDetails, bool]:
        owner, target, job_id = await _named(bench, tenant, connection, job, by_number)
        request = SendRequest(
            connection=target.slug,
            job_id=job_id,
            requested_by=f"cli:{getpass.getuser()}",
            adopt=adopt,
            plan_hash=plan_hash,
        )
        if wait:
            async with bench.worker_at_hand():
                asked = await bench.use_cases.request_send(owner.id, request)
                if not target.paused:
                    await _follow(bench, asked, timeout)
        else:
            asked = await bench.use_cases.request_send(owner.id, request)
        return await bench.use_cases.show_send(owner.id, asked.id), await bench.worker_alive()

    try:
        details, worker_alive = carry_out(ctx, work)
    except PlanChanged as changed:
        print_plan(messages, changed.plan, connection or "Spectrum")
        raise
    if as_json:
        document(SendOut.of_details(details))
    elif wait:
        print_send(data, details)
    else:
        data.print(details.send.id)
        say(f"Job {details.send.job_id} waits to be sent to {details.connection.name}.")
        say(f"jobferry sends show {details.send.id}", label="Follow it:", style="bold")
    if not details.send.state.settled and not worker_alive:
        _note("no worker runs, so nothing goes on until `jobferry serve` or `jobferry worker` does.")
    if wait:
        raise typer.Exit(_EXIT_CODES.get(details.send.state, ExitCode.PARTLY_DONE))


async def _named(
    bench: Workbench, tenant: str | None, connection: str | None, job: str, by_number: bool
) -> tuple[Tenant, Connection, str]:
    if not by_number and len(job) < _SHORTEST_ID:
        _note(f"{job} looks like a job number rather than an id; if it is one, add --by-number.")
    owner = await bench.tenant(tenant)
    target = await bench.connection(owner, connection)
    return owner, target, await bench.use_cases.find_job(owner.id, job) if by_number else job


def _note(text: str) -> None:
    say(text, label="Note:", style="yellow")


async def _follow(bench: Workbench, asked: Send, seconds: float) -> None:
    """Wait until the send rests, with a bar on a terminal and in silence elsewhere."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=24))
    steps = list(_STEPS)
    waiting = asyncio.create_task(bench.use_cases.wait_for_send(asked.tenant_id, asked.id, seconds))
    with Progress(*columns, console=messages, transient=True, disable=not messages.is_terminal) as progress:
        bar = progress.add_task("waiting for a worker", total=len(steps))
        while not (await asyncio.wait([waiting], timeout=_LOOK_AGAIN_SECONDS))[0]:
            now = (await bench.use_cases.show_send(asked.tenant_id, asked.id)).send
            if now.begun and now.step in _STEPS:
                progress.update(bar, description=_STEPS[now.step], completed=steps.index(now.step))
    await waiting
