"""`jobferry restore`: connections that are held because the database came from a backup.

`jobferry restore FILE`, which loads one, is added where installations are made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

import typer
from rich.text import Text

from adapters.inbound.cli.answers import answers
from adapters.inbound.cli.command_context import CommandContext, group
from adapters.inbound.cli.deferred import FileOrCommand
from adapters.inbound.cli.options import OnlyConnection, TenantOption, me
from adapters.inbound.cli.views import words
from adapters.inbound.cli.views.output import data, document_list, say, table
from adapters.inbound.schema.schema_base import Page
from adapters.inbound.schema.sending.restore import RestoreOut
from core.services.sending.acknowledge_restore import Restored

restore = group("restore", "Restore a backup, and compare what was sent since.", FileOrCommand)


@restore.command()
@answers(Page[RestoreOut])
async def hold(context: CommandContext) -> None:
    """Hold all that adds to Spectrum.

    For a restore in your own way. Every connection then sends work orders only, and adds no items, tasks, documents,
    texts in notes, sites or customers until somebody acknowledges. `jobferry restore FILE` does this by itself.

    \b
    Example:
      jobferry restore hold
    """
    held = await context.use_cases.hold_restored()
    if context.as_json:
        document_list([RestoreOut.of(Restored(one)) for one in held])
    else:
        say(f"Connections that only send work orders now: {len(held)}.")
        say("jobferry restore show", label="Next:", style="bold")


@restore.command()
@answers(Page[RestoreOut])
async def show(context: CommandContext, tenant: TenantOption = None, connection: OnlyConnection = None) -> None:
    """List jobs completed since the restored backup.

    For each held connection, so that somebody can compare them with Spectrum.

    \b
    Example:
      jobferry restore show --tenant cardinal
    """
    owner = await context.tenant(tenant)
    found = await context.use_cases.acknowledge_restore.look(owner.id, connection)
    if context.as_json:
        document_list(map(RestoreOut.of, found))
        return
    held = _print(found)
    if held:
        say("Compare the costs of these work orders in Spectrum, then confirm it:")
        say(f'jobferry restore acknowledge {owner.slug} --reason "..."', style="bold")
    else:
        say("No connection is held for a restored backup.")


@restore.command()
@answers(Page[RestoreOut])
async def acknowledge(
    context: CommandContext,
    tenant: Annotated[str, typer.Argument(metavar="TENANT", help="The tenant's short name.")],
    reason: Annotated[str, typer.Option(help="What you checked; the audit keeps it.")],
    connection: OnlyConnection = None,
) -> None:
    """Confirm the comparison; items are posted again.

    For the named connection, or for every held one. Lists the jobs once more. Work orders were never held.

    \b
    Example:
      jobferry restore acknowledge cardinal --connection north \\
          --reason "compared with the work orders"
    """
    owner, acknowledging = await context.tenant(tenant), context.use_cases.acknowledge_restore
    found = await acknowledging.look(owner.id, connection)
    now = {one.id: one for one in await acknowledging(owner.id, connection, reason=reason, by=me())}
    ended = [replace(one, connection=now[one.connection.id]) for one in found if one.connection.id in now]
    if context.as_json:
        document_list(map(RestoreOut.of, ended))
        return
    _print(ended)
    for one in ended:
        say(f"Items are posted again on the connection {one.connection.slug}.")
    say("Send the jobs that waited again by hand, each only with the items that are missing in Spectrum.")


def _print(found: Sequence[Restored]) -> bool:
    """Print the connections; True if any of them is held."""
    for one in found:
        if hold := one.connection.items_hold:
            data.print(words.finding(hold.finding))
            if hold.quiet_until:
                until = words.moment(hold.quiet_until)
                say(f"Compare after {until} UTC: until then Spectrum may still add what was on its way.")
        if one.since is None:
            continue
        since = f"{words.moment(one.since)} UTC"
        say(f"{one.connection.name}: completed or changed in ServiceTrade since {since}", style="bold")
        if one.jobs:
            data.print(table(("Job", "Id", "Completed", "Work order", "Items"), _rows(one)))
        else:
            say("ServiceTrade has none.")
        if one.more:
            say(f"These are the newest {len(one.jobs)}; there are more.")
    return any(one.connection.items_hold for one in found)


def _rows(found: Restored) -> list[list[str | Text]]:
    return [
        [
            job.job_number or "-",
            job.job_id,
            words.moment(job.completed_on) if job.completed_on else "-",
            job.work_order_number or "-",
            "known" if job.items_known else Text("none known", "yellow"),
        ]
        for job in found.jobs
    ]
