"""Reconciliations: start one, follow it, and read the jobs that are not accounted for."""

from __future__ import annotations

from collections.abc import AsyncIterator

from adapters.inbound.api import cursor
from adapters.inbound.api.call import Call, Reply
from adapters.inbound.schema.reconciliations import (
    COLUMNS,
    ReconciledJobOut,
    ReconciledJobsQuery,
    ReconciledQuery,
    ReconciliationDetail,
    ReconciliationIn,
    ReconciliationOut,
    csv_cells,
)
from adapters.inbound.schema.schema_base import Csv, Nothing, Page, PageQuery
from core.model.shared.csv_cells import csv_rows


async def start_reconciliation(call: Call[ReconciliationIn]) -> Reply[ReconciliationOut]:
    """Start a reconciliation of completed jobs.

    A worker compares every job completed on these days with what stands in Spectrum by our account. A running one of
    the same days is returned instead of starting another.
    """
    tenant, asked = call.tenant, call.input
    run = await call.use_cases.start_reconciliation(tenant.id, asked.first_day, asked.last_day, by=call.caller.name)
    return Reply(ReconciliationOut.of(run), {"Location": f"/v1/tenants/{tenant.slug}/reconciliations/{run.id}"})


async def list_reconciliations(call: Call[PageQuery]) -> Reply[Page[ReconciliationOut]]:
    """List reconciliations.

    Newest first. They are deleted when webhook deliveries of the same age are.
    """
    page = await call.use_cases.read_reconciliations.page(
        call.tenant.id, limit=call.input.limit, before=cursor.decode(call.input.cursor)
    )
    return cursor.page_before([ReconciliationOut.of(run) for run in page.runs], page.next_before)


async def show_reconciliation(call: Call[Nothing]) -> Reply[ReconciliationDetail]:
    """Show a reconciliation with its counts.

    The result is final once the state is not `running`.
    """
    shown = await call.use_cases.read_reconciliations.show(call.tenant.id, call.path["reconciliation_id"])
    return Reply(ReconciliationDetail.of_shown(shown))


async def list_reconciled_jobs(call: Call[ReconciledJobsQuery]) -> Reply[Page[ReconciledJobOut]]:
    """List the jobs of a reconciliation.

    By the ids of the jobs; without a `kind` those with a difference. As text/csv all that match, a row for each
    difference.
    """
    asked = call.input
    page = await call.use_cases.read_reconciliations.jobs(
        call.tenant.id,
        call.path["reconciliation_id"],
        kind=asked.kind.kind,
        connection=asked.connection,
        limit=asked.limit,
        after=cursor.decode_job(asked.cursor),
    )
    return cursor.page_of_jobs([ReconciledJobOut.of_job(job) for job in page.jobs], page.next_after)


async def export_reconciled_jobs(call: Call[ReconciledQuery]) -> Reply[Csv]:
    """Its jobs as text/csv, a row for each difference."""
    asked, run_id = call.input, call.path["reconciliation_id"]
    pages = call.use_cases.read_reconciliations.all_jobs(
        call.tenant.id, run_id, kind=asked.kind.kind, connection=asked.connection
    )
    first = await anext(pages)  # what is wrong is told before the file begins

    async def pieces() -> AsyncIterator[str]:
        yield csv_rows([COLUMNS, *csv_cells(first, asked.connection)])
        async for jobs in pages:
            yield csv_rows(csv_cells(jobs, asked.connection))

    return Reply(Csv(name=f"reconciliation-{run_id}.csv", pieces=pieces))
