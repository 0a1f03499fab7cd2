"""`jobferry jobs`: preview, send or complete a job, and say which of its items are in Spectrum."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

import typer

from adapters.inbound.cli.answers import answers
from adapters.inbound.cli.command_context import CommandContext, group
from adapters.inbound.cli.endings import ExitCode
from adapters.inbound.cli.options import ConnectionOption, ItemsOption, Reason, TasksOption, TenantOption, me
from adapters.inbound.cli.views import words
from adapters.inbound.cli.views.following import follow, tell_why_it_waits
from adapters.inbound.cli.views.output import data, document, messages, say, table
from adapters.inbound.cli.views.plan_view import print_choices, print_plan
from adapters.inbound.cli.views.send_view import print_send
from adapters.inbound.schema.sending.plans import PreviewOut
from adapters.inbound.schema.sending.sends import SendOut
from adapters.inbound.schema.sending.standing_items import ItemsDeclaredOut, StandingItemsOut
from core.model.connections.connection import Connection
from core.model.planning.job import looks_like_id
from core.model.planning.standing_items import Standing
from core.model.sending.send import SendState
from core.model.shared.errors import BadInput
from core.model.shared.figures import plain
from core.model.tenants.tenant import Tenant
from core.model.work_orders.cost_line import ItemsMode
from core.model.work_orders.job_service import TasksMode
from core.model.work_orders.line_words import line_words
from core.services.sending.declare_items import Declared, ItemsStanding
from core.services.sending.request_send import PlanBlocked, PlanChanged, SendRequest

jobs = group("jobs", "Preview, send and complete ServiceTrade jobs.")

JobArgument = Annotated[str, typer.Argument(metavar="JOB", help="The job's id in ServiceTrade.")]
ByNumber = Annotated[bool, typer.Option("--by-number", help="JOB is the job number, not the id.")]
Adopt = Annotated[bool, typer.Option("--adopt", help="Accept a work order number that another job has.")]

PlanHash = Annotated[str | None, typer.Option(help="Send only if the plan still has this hash, from a preview.")]
Wait = Annotated[bool, typer.Option("--wait", help="Wait for the end; this process sends if no worker runs.")]
Timeout = Annotated[float, typer.Option("--timeout", help="With --wait: how many seconds at most.", min=0)]

_SEND_HELP = """Send a job to Spectrum.

A worker carries it out, and retries by itself if the cause may pass.

\b
Example:
  jobferry jobs send 104482 --by-number --connection north --wait
"""
_COMPLETE_HELP = """Complete a job in ServiceTrade and send it.

Choose its items with --items. A job that cannot be sent stays open.

\b
Example:
  jobferry jobs complete 104482 --by-number --items new_only --wait
"""
_EXIT_CODES = {
    SendState.SENT: ExitCode.DONE,
    SendState.SENT_WITH_WARNINGS: ExitCode.DONE,
    SendState.DONE_BY_HAND: ExitCode.DONE,
    SendState.NEEDS_ATTENTION: ExitCode.FAILED,
    SendState.CANCELLED: ExitCode.FAILED,
}


@jobs.command("items-stand")
@answers(StandingItemsOut, ItemsDeclaredOut)
async def items_stand(
    context: CommandContext,
    job: JobArgument,
    tenant: TenantOption = None,
    connection: ConnectionOption = None,
    every: Annotated[bool, typer.Option("--all", help="All of its items are in Spectrum.")] = False,
    none: Annotated[bool, typer.Option("--none", help="None of its items is in Spectrum.")] = False,
    item: Annotated[
        list[str] | None, typer.Option("--item", metavar="ID", help="This item is in Spectrum; may be repeated.")
    ] = None,
    reason: Reason = "",
) -> None:
    """Say which items of a job are in Spectrum already.

    For a job that somebody else sent before. Items that are there are never posted; the rest may be posted. Without
    --all, --none and --item, the items are only listed.

    \b
    Example:
      jobferry jobs items-stand 48120093 --item 9301 --reason "seen in Spectrum"
    """
    said = _standing(every, none, item or [])
    (owner, target), declare = await context.both(tenant, connection), context.use_cases.declare_items
    if said is None:
        found = await declare.look(owner.id, target.slug, job)
        context.answer(StandingItemsOut.of(found), lambda: _print_items(found))
    else:
        declared = await declare(owner.id, target.slug, job, said, reason=reason, by=me())
        context.answer(ItemsDeclaredOut.of(declared), lambda: _tell(declared, owner.slug))


def _standing(every: bool, none: bool, items: list[str]) -> Standing | None:
    """None if no answer is given. Raises BadInput for two answers."""
    if every + none + bool(items) > 1:
        raise BadInput("You gave two answers.", fix="Give one of --all, --none and --item (as often as needed).")
    return "all" if every else "none" if none else items or None


def _print_items(standing: ItemsStanding) -> None:
    if standing.held:
        data.print(words.finding(standing.held))
    rows = [
        [
            item.id,
            item.name,
            item.code,
            "" if item.quantity is None else plain(item.quantity),
            "in Spectrum" if item.posted else "waits for your answer" if item.held else "may be posted",
        ]
        for item in standing.items
    ]
    data.print(table((f"Work order {standing.number or '-'}", "Item", "Code", "Quantity", ""), rows))


def _tell(said: Declared, owner: str) -> None:
    for line in said.entered:
        say(f"Recorded as posted: {line_words(line)}.")
    left = ", ".join(item.name or item.id for item in said.left)
    say(f"Left to send: {left}." if left else "Nothing is left to send.")
    for send in said.retry:
        say(f"jobferry sends retry {send} --tenant {owner}", label="A send waited for this:", style="bold")


@jobs.command()
@answers(PreviewOut)
async def preview(
    context: CommandContext,
    job: JobArgument,
    tenant: TenantOption = None,
    connection: ConnectionOption = None,
    by_number: ByNumber = False,
    adopt: Adopt = False,
    items: ItemsOption = ItemsMode.NONE,
    tasks: TasksOption = TasksMode.NEW_ONLY,
    completing: Annotated[bool, typer.Option("--completing", help="Show what `jobs complete` would send.")] = False,
) -> None:
    """Show what a send would write, and what blocks it.

    Shows every field. Nothing is written.

    \b
    Example:
      jobferry jobs preview 104482 --by-number --items new_only
    """
    owner, target, job_id = await _named(context, tenant, connection, job, by_number)
    preview = await context.use_cases.preview_send(
        owner.id, target.slug, job_id, adopt=adopt, items=items, tasks=tasks, completing=completing
    )
    if context.as_json:
        document(PreviewOut.of_preview(preview))
    else:
        print_plan(data, preview.plan, target.name)
        print_choices(data, preview.choices)
        for printed in preview.printed:
            say(printed.text.rstrip(), label=f"Printed by the plugin {printed.rule}:", style="bold")
    if not preview.plan.sendable:
        raise typer.Exit(ExitCode.FAILED)


def _sending(*, completes: bool) -> Callable[..., Coroutine[Any, Any, None]]:
    """The command that sends a job, and completes it before if `completes`."""

    @answers(SendOut)
    async def command(
        context: CommandContext,
        job: JobArgument,
        tenant: TenantOption = None,
        connection: ConnectionOption = None,
        by_number: ByNumber = False,
        adopt: Adopt = False,
        items: ItemsOption = ItemsMode.NONE,
        tasks: TasksOption = TasksMode.NEW_ONLY,
        plan_hash: PlanHash = None,
        wait: Wait = False,
        seconds: Timeout = 120,
    ) -> None:
        owner, target, job_id = await _named(context, tenant, connection, job, by_number)
        request = SendRequest(
            connection=target.slug,
            job_id=job_id,
            requested_by=me(),
            adopt=adopt,
            plan_hash=plan_hash,
            items=items,
            tasks=tasks,
            completes=completes,
        )
        try:
            if wait:
                async with context.worker_at_hand():
                    stored = await context.use_cases.request_send(owner.id, request)
                    if not target.paused:
                        tell_why_it_waits(target, owner.slug)
                        await follow(context.use_cases, stored, seconds)
            else:
                stored = await context.use_cases.request_send(owner.id, request)
        except (PlanChanged, PlanBlocked) as refused:
            print_plan(messages, refused.plan, connection or "Spectrum")
            raise
        details, worker_alive = await context.use_cases.show_send(owner.id, stored.id), await context.worker_alive()
        if context.as_json:
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
    if not by_number and not looks_like_id(job):
        _note(f"{job} looks like a job number, not an id; if it is one, add --by-number.")
    owner, target = await context.both(tenant, connection)
    return owner, target, await context.use_cases.find_job(owner.id, job) if by_number else job


def _note(text: str) -> None:
    say(text, label="Note:", style="yellow")
