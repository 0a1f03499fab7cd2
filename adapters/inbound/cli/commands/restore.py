"""`jobferry restore`: connections that are held because the database came from a backup."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.text import Text

from adapters.inbound.cli.command_context import CommandContext, carry_out
from adapters.inbound.cli.options import Json, TenantOption, group, me
from adapters.inbound.cli.views import words
from adapters.inbound.cli.views.output import data, document, say, table
from adapters.inbound.schema.schema_base import Page
from adapters.inbound.schema.sending.restore import RestoreOut
from core.services.sending.acknowledge_restore import Restored

restore = group("Connections held because of a restored backup.")

Only = Annotated[str | None, typer.Option("--connection", "-c", metavar="SLUG", help="Only this one.")]


@restore.command()
def show(ctx: typer.Context, tenant: TenantOption = None, connection: Only = None, as_json: Json = False) -> None:
    """List jobs completed since the restored backup.

    For each held connection, so that somebody can compare them with Spectrum.
    """

    async def work(context: CommandContext) -> tuple[str, Sequence[Restored]]:
        owner = await context.tenant(tenant)
        return owner.slug, await context.use_cases.acknowledge_restore.look(owner.id, connection)

    owner, found = carry_out(ctx, work)
    if as_json:
        document(_page(found))
        return
    held = _print(found)
    if held:
        say("Compare the costs of these work orders in Spectrum, then confirm it:")
        say(f'jobferry restore acknowledge {owner} --reason "..."', style="bold")
    else:
        say("No connection is held for a restored backup.")


@restore.command()
def acknowledge(
    ctx: typer.Context,
    tenant: Annotated[str, typer.Argument(metavar="TENANT", help="The tenant's short name.")],
    reason: Annotated[str, typer.Option(help="What you checked; the audit keeps it.")],
    connection: Only = None,
    as_json: Json = False,
) -> None:
    """Confirm the comparison; items are posted again.

    For the named connection, or for every held one. Lists the jobs once more. Work orders were never held.
    """

    async def work(context: CommandContext) -> Sequence[Restored]:
        owner = await context.tenant(tenant)
        found = await context.use_cases.acknowledge_restore.look(owner.id, connection)
        ended = await context.use_cases.acknowledge_restore(owner.id, connection, reason=reason, by=me())
        now = {one.id: one for one in ended}
        return [
            Restored(now[one.connection.id], one.since, one.jobs, one.more) for one in found if one.connection.id in now
        ]

    ended = carry_out(ctx, work)
    if as_json:
        document(_page(ended))
        return
    _print(ended)
    for one in ended:
        say(f"Items are posted again on the connection {one.connection.slug}.")
    say("Send the jobs that waited again by hand, each only with the items that are missing in Spectrum.")


def _page(found: Sequence[Restored]) -> Page[RestoreOut]:
    return Page[RestoreOut](items=[RestoreOut.of(one) for one in found])


def _print(found: Sequence[Restored]) -> bool:
    """Print the connections; True if any of them is held."""
    for one in found:
        if hold := one.connection.items_hold:
            data.print(words.finding(hold.finding))
            if hold.quiet_until:
                until = words.moment(hold.quiet_until)
                say(f"Compare after {until} UTC: until then Spectrum may still add lines.")
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
