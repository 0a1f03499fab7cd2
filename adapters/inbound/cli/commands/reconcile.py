"""`jobferry reconcile`: completed jobs compared with what was sent, and every difference with what to do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import typer
from rich.text import Text

from adapters.inbound.cli.answers import answers
from adapters.inbound.cli.command_context import CommandContext, group
from adapters.inbound.cli.endings import ExitCode
from adapters.inbound.cli.options import After, Before, Limit, OnlyConnection, TenantOption, me
from adapters.inbound.cli.views import words
from adapters.inbound.cli.views.following import until_ended
from adapters.inbound.cli.views.output import data, document, document_list, say, table
from adapters.inbound.schema.reconciliations import (
    COLUMNS,
    ReconciledJobOut,
    ReconciliationDetail,
    ReconciliationOut,
    Which,
    csv_cells,
)
from adapters.inbound.schema.schema_base import Page
from core.model.reconciliation.entry import Kind, ReconciledJob
from core.model.reconciliation.report_words import DIFFERENCES, result_words, uncompared_words
from core.model.reconciliation.run import Reconciliation
from core.model.shared.csv_cells import csv_rows
from core.services.reconciliation.read_reconciliations import ShownReconciliation

reconcile = group("reconcile", "Compare completed jobs with what was sent.")

_DAY = ["%Y-%m-%d"]
FirstDay = Annotated[
    datetime | None,
    typer.Option("--from", formats=_DAY, help="The first day, such as 2026-11-29; yesterday if you name none."),
]
LastDay = Annotated[
    datetime | None, typer.Option("--to", formats=_DAY, help="The last day, which is included; else the first day.")
]
KindOption = Annotated[Which, typer.Option("--kind", metavar="KIND", help=f"Only these: {', '.join(Which)}.")]
CsvOption = Annotated[bool, typer.Option("--csv", help="Print all that match as CSV, a row for each difference.")]


@reconcile.command()
@answers(ReconciliationDetail, ReconciliationOut)
async def run(
    context: CommandContext,
    tenant: TenantOption = None,
    first: FirstDay = None,
    last: LastDay = None,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait for the result, and show it.")] = True,
    csv: CsvOption = False,
) -> None:
    """Compare every job completed on these days.

    Days are those of the tenant's time zone. Ends with 0 if every job is accounted for, with 5 if one is not, or if
    not all could be compared.

    \b
    Example:
      jobferry reconcile run --from 2026-11-23 --to 2026-11-29
    """
    owner = await context.tenant(tenant)
    start = context.use_cases.start_reconciliation
    begun = await start(owner.id, first.date() if first else None, last.date() if last else None, by=me())
    if not wait:
        context.answer(ReconciliationOut.of(begun), f"Started {begun.id}. Look: jobferry reconcile show {begun.id}")
        return
    async with context.worker_at_hand():
        shown = await until_ended(
            lambda: context.use_cases.read_reconciliations.show(owner.id, begun.id),
            lambda shown: shown.run.running,
            lambda shown: shown.run.trouble,
        )
    await _tell(context, shown, owner.slug, csv=csv)
    if shown.run.reason or shown.tally.differs():
        raise typer.Exit(ExitCode.PARTLY_DONE)


@reconcile.command("list")
@answers(Page[ReconciliationOut])
async def list_(context: CommandContext, tenant: TenantOption = None, limit: Limit = 50, before: Before = None) -> None:
    """List reconciliations, newest first.

    \b
    Example:
      jobferry reconcile list --limit 5
    """
    owner = await context.tenant(tenant)
    page = await context.use_cases.read_reconciliations.page(owner.id, limit=limit, before=before)
    context.answer_list(
        map(ReconciliationOut.of, page.runs),
        ("Id", "Days", "Started (UTC)", "By", "State"),
        (
            [one.id, _days(one), words.moment(one.created_at), one.requested_by, one.reason or one.state.value]
            for one in page.runs
        ),
        nothing="There is no reconciliation yet.",
        whole=("Id", "Days"),
        next_before=page.next_before,
    )


@reconcile.command()
@answers(ReconciliationDetail)
async def show(
    context: CommandContext,
    reconciliation: Annotated[str, typer.Argument(metavar="ID", help="Its id, such as rec_01J...")],
    tenant: TenantOption = None,
) -> None:
    """Show the counts and sums of a reconciliation.

    \b
    Example:
      jobferry reconcile show rec_01KJPV4V00EXAMPLE0000000X1
    """
    owner = await context.tenant(tenant)
    shown = await context.use_cases.read_reconciliations.show(owner.id, reconciliation)
    context.answer(ReconciliationDetail.of_shown(shown), lambda: _print(shown))


@reconcile.command()
@answers(Page[ReconciledJobOut])
async def jobs(
    context: CommandContext,
    reconciliation: Annotated[str, typer.Argument(metavar="ID", help="Its id, such as rec_01J...")],
    tenant: TenantOption = None,
    kind: KindOption = Which.DIFFERS,
    connection: OnlyConnection = None,
    csv: CsvOption = False,
    limit: Limit = 50,
    after: After = None,
) -> None:
    """List the jobs of a reconciliation, with what to do.

    \b
    Example:
      jobferry reconcile jobs rec_01KJPV4V00EXAMPLE0000000X1 --kind missing --csv
    """
    owner = await context.tenant(tenant)
    if csv:
        await _print_csv(context, owner.id, reconciliation, kind.kind, connection)
        return
    page = await context.use_cases.read_reconciliations.jobs(
        owner.id, reconciliation, kind=kind.kind, connection=connection, limit=limit, after=after
    )
    if context.as_json:
        document_list(map(ReconciledJobOut.of_job, page.jobs), page.next_after)
    elif page.jobs:
        _print_jobs(page.jobs)
        if page.next_after is not None:
            say(f"There are more: --after {page.next_after}")
    else:
        say("There is no such job.")


async def _tell(context: CommandContext, shown: ShownReconciliation, tenant: str, *, csv: bool) -> None:
    run = shown.run
    if csv:
        await _print_csv(context, run.tenant_id, run.id, Which.DIFFERS.kind, None)
    elif context.as_json:
        document(ReconciliationDetail.of_shown(shown))
    else:
        _print(shown)
        page = await context.use_cases.read_reconciliations.jobs(run.tenant_id, run.id, limit=50)
        if page.jobs:
            _print_jobs(page.jobs)
        if page.next_after is not None:
            more = f"jobferry reconcile jobs {run.id} --tenant {tenant} --after {page.next_after}"
            say(more, label="There are more:", style="bold")


async def _print_csv(
    context: CommandContext, tenant_id: str, run_id: str, kind: str | None, connection: str | None
) -> None:
    pages = context.use_cases.read_reconciliations.all_jobs(tenant_id, run_id, kind=kind, connection=connection)
    typer.echo(csv_rows([COLUMNS]), nl=False)
    async for found in pages:
        typer.echo(csv_rows(csv_cells(found, connection)), nl=False)


def _print(shown: ShownReconciliation) -> None:
    run, tally = shown.run, shown.tally
    say(f"{_days(run)}: {result_words(run, tally)}", style="bold")
    if left := uncompared_words(tally):
        say(left)
    columns = ("Connection", "Jobs", "Accounted for", *(DIFFERENCES[kind] for kind in Kind), "Posted", "Open")
    rows = [
        [
            slug or "(none yet)",
            str(tally.jobs(slug)),
            str(tally.accounted(slug)),
            *(str(tally.of(kind, slug)) for kind in Kind),
            f"{tally.sums[slug].posted_quantity} / {tally.sums[slug].posted_amount}",
            f"{tally.sums[slug].open_quantity} / {tally.sums[slug].open_amount}",
        ]
        for slug in tally.connections
    ]
    if rows:
        data.print(table(columns, rows))
        say("Posted and open: the net quantity of materials, and the net cost of charges and non-stock items.")


def _print_jobs(found: Sequence[ReconciledJob]) -> None:
    rows: list[list[str | Text]] = []
    for job in found:
        for entry in job.entries:
            for one in entry.differences:
                said = f"{one.message} {one.fix}"
                rows.append([job.number or job.job_id, job.job_id, entry.connection, DIFFERENCES[one.kind], said])
            if not entry.differences:
                rows.append([job.number or job.job_id, job.job_id, entry.connection, "Accounted for", ""])
    data.print(table(("Job", "Id", "Connection", "What", "Why, and what to do"), rows, whole=("Job",)))


def _days(run: Reconciliation) -> str:
    first, last = run.first_day.isoformat(), run.last_day.isoformat()
    return first if first == last else f"{first} to {last}"
