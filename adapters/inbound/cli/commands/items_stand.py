"""`jobferry jobs items-stand`: which items of a job that another program sent are in Spectrum already."""

from __future__ import annotations

from typing import Annotated

import typer

from adapters.inbound.cli.command_context import CommandContext, carry_out
from adapters.inbound.cli.options import ConnectionOption, Json, Reason, TenantOption, me
from adapters.inbound.cli.views import words
from adapters.inbound.cli.views.output import data, document, say, table
from adapters.inbound.schema.sending.standing_items import ItemsDeclaredOut, StandingItemsOut
from core.model.planning.standing_items import Standing
from core.model.shared.errors import BadInput
from core.model.shared.figures import plain
from core.model.work_orders.line_words import line_words
from core.services.sending.declare_items import Declared, ItemsStanding


def items_stand(
    ctx: typer.Context,
    job: Annotated[str, typer.Argument(metavar="JOB", help="The job's id in ServiceTrade.")],
    tenant: TenantOption = None,
    connection: ConnectionOption = None,
    every: Annotated[bool, typer.Option("--all", help="All of its items are in Spectrum.")] = False,
    none: Annotated[bool, typer.Option("--none", help="None of its items is in Spectrum.")] = False,
    item: Annotated[
        list[str] | None, typer.Option("--item", metavar="ID", help="This item is in Spectrum; may be repeated.")
    ] = None,
    reason: Reason = "",
    as_json: Json = False,
) -> None:
    """Say which items of a job are in Spectrum already.

    For a job that somebody else sent before. Items that are there are never posted; the rest may be posted. Without
    --all, --none and --item, the items are only listed.
    """
    said = _standing(every, none, item or [])

    async def work(context: CommandContext) -> tuple[str, ItemsStanding | Declared]:
        owner, target = await context.both(tenant, connection)
        declare = context.use_cases.declare_items
        if said is None:
            return owner.slug, await declare.look(owner.id, target.slug, job)
        return owner.slug, await declare(owner.id, target.slug, job, said, reason=reason, by=me())

    owner, found = carry_out(ctx, work)
    match found, as_json:
        case ItemsStanding(), True:
            document(StandingItemsOut.of(found))
        case Declared(), True:
            document(ItemsDeclaredOut.of(found))
        case ItemsStanding(), False:
            _print_items(found)
        case Declared(), False:
            _tell(found, owner)


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
