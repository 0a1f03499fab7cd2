"""`jobferry suggestions`: the Spectrum codes that records without one probably mean, and confirming them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from adapters.inbound.cli.answers import answers
from adapters.inbound.cli.command_context import CommandContext, group
from adapters.inbound.cli.endings import ExitCode
from adapters.inbound.cli.options import ConnectionOption, Limit, TenantOption, me
from adapters.inbound.cli.views.following import until_ended
from adapters.inbound.schema.schema_base import Page
from adapters.inbound.schema.suggestions import ConfirmedOut, SearchOut, SuggestedRecordOut, Target
from core.model.mappings.alias import AliasKey, AliasKind, CodeSource
from core.model.mappings.suggested_record import Grade, RecordState, SuggestedRecord
from core.model.shared.errors import BadInput, NotFound
from core.services.mappings.suggestions.decide import Pair
from core.services.mappings.suggestions.show_suggestions import ShownSearch
from ports.storage.mappings.suggestions import RecordFilter

suggestions = group("suggestions", "Codes for records that have none, and confirming them.")
KindOption = Annotated[AliasKind | None, typer.Option("--kind", help="Only records of this kind.")]


@suggestions.command()
@answers(SearchOut)
async def find(
    context: CommandContext,
    connection: ConnectionOption = None,
    tenant: TenantOption = None,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait until the search has ended.")] = True,
) -> None:
    """Compare records without a code with Spectrum's codes.

    Reads ServiceTrade's companies, locations, contracts and library items. Sets nothing.

    \b
    Example:
      jobferry suggestions find --connection north
    """
    owner, target = await context.both(tenant, connection)
    await context.use_cases.start_search(owner.id, target.slug, by=me())
    if wait:
        async with context.worker_at_hand():
            shown = await until_ended(
                lambda: context.use_cases.show_suggestions(owner.id, target.slug),
                lambda shown: shown.busy,
                lambda shown: shown.search.trouble if shown.search else "",
            )
    else:
        shown = await context.use_cases.show_suggestions(owner.id, target.slug)
    context.answer(SearchOut.of_shown(shown), _said(shown))
    if wait and shown.search and shown.search.trouble:
        raise typer.Exit(ExitCode.PARTLY_DONE)


@suggestions.command("list")
@answers(Page[SuggestedRecordOut])
async def list_(
    context: CommandContext,
    connection: ConnectionOption = None,
    tenant: TenantOption = None,
    kind: KindOption = None,
    grade: Annotated[Grade | None, typer.Option(help="Only records of this grade.")] = None,
    state: Annotated[RecordState, typer.Option(help="Only records in this state.")] = RecordState.OPEN,
    not_set: Annotated[bool, typer.Option("--not-set", help="Only those whose code could not be set.")] = False,
    limit: Limit = 100,
) -> None:
    """List records without a code, each with its best suggestion.

    \b
    Example:
      jobferry suggestions list --connection north --grade doubtful
    """
    owner, target = await context.both(tenant, connection)
    wanted = RecordFilter(state=state, grade=grade, kind=kind, troubled=not_set)
    page = await context.use_cases.show_suggestions.page(owner.id, target.slug, wanted, limit=limit)
    context.answer_list(
        map(SuggestedRecordOut.of_shown, page.records),
        ("Kind", "ServiceTrade id", "Name", "Code", "Score", "Why"),
        (_row(one.record) for one in page.records),
        nothing=f"There is no such record of connection {target.slug}.",
        whole=("Kind", "ServiceTrade id", "Code"),
    )


@suggestions.command()
@answers(ConfirmedOut)
async def confirm(
    context: CommandContext,
    records: Annotated[
        list[str] | None, typer.Argument(metavar="[KIND:ID=CODE]...", help="Such as customer:40718=HARVIEW.")
    ] = None,
    connection: ConnectionOption = None,
    tenant: TenantOption = None,
    kind: KindOption = None,
    clear: Annotated[bool, typer.Option("--clear", help="Confirm every clear one that is ticked.")] = False,
    place: Annotated[Target, typer.Option(help="Where the codes go.")] = Target.SERVICETRADE,
) -> None:
    """Confirm suggested codes, named one by one or all clear ones.

    A worker checks each once more and sets it. What could not be set: `suggestions list --not-set`.

    \b
    Example:
      jobferry suggestions confirm customer:40718=HARVIEW --connection north
    """
    owner, target = await context.both(tenant, connection)
    if clear == bool(records):
        raise BadInput("Name records with their codes, or choose --clear.", fix="Do one of both.")
    decide, to = context.use_cases.decide_suggestions, CodeSource(place.value)
    if clear:
        page = await context.use_cases.show_suggestions.page(owner.id, target.slug, RecordFilter(), limit=1)
        count = await decide.confirm_ticked(
            owner.id, target.slug, Grade.CLEAR, to, kind=kind, until=page.version, by=me()
        )
        text = {
            0: "No code is confirmed: no clear one is ticked.",
            1: "1 code is confirmed. It is checked once more and then set.",
        }.get(count, f"{count} codes are confirmed. Each is checked once more and then set.")
        context.answer(ConfirmedOut(accepted=count, pairs=[]), text)
        return
    pairs = await _pairs(context, owner.id, target.slug, [_named(one) for one in records or ()])
    done = ConfirmedOut.of_outcomes(await decide.confirm(owner.id, target.slug, pairs, to, by=me()))
    told = "".join(f"\n{one.kind.value} {one.servicetrade_id}: {one.detail}" for one in done.pairs if one.detail)
    context.answer(done, f"{done.accepted} of {len(done.pairs)} codes are confirmed.{told}")
    if told:
        raise typer.Exit(ExitCode.PARTLY_DONE)


def _named(text: str) -> tuple[AliasKey, str]:
    """The record and the code in a text such as customer:40718=HARVIEW."""
    record, equals, code = text.partition("=")
    kind, _, record_id = record.partition(":")
    if kind not in set(AliasKind) or not equals or not record_id:
        raise BadInput(f"{text} names no record with a code.", fix="Write it as customer:40718=HARVIEW.")
    return (AliasKind(kind), record_id.strip()), code.strip()


async def _pairs(
    context: CommandContext, tenant_id: str, slug: str, named: Sequence[tuple[AliasKey, str]]
) -> list[Pair]:
    """The pairs with the versions of their records as they are now, which is what the list has just shown."""
    pairs = []
    for key, code in named:
        shown = await context.use_cases.show_suggestions.record(tenant_id, slug, key)
        if shown is None:
            kind, record_id = key
            raise NotFound(
                f"The {kind.value} {record_id} is not among the records without a code.",
                code="SUGGESTION_NOT_FOUND",
                fix="List them with `jobferry suggestions list`, or search again.",
            )
        pairs.append(Pair(key, code, shown.record.record.version))
    return pairs


def _said(shown: ShownSearch) -> str:
    found = SearchOut.of_shown(shown)
    said = f"{found.clear} clear, {found.doubtful} doubtful, nothing found for {found.nothing}."
    if found.trouble:
        return f"{said} It ended early: {found.trouble}"
    return said if found.finished_at else f"The search runs. So far: {said}"


def _row(one: SuggestedRecord) -> list[str]:
    best, record = one.best, one.record
    code = one.code or (best.code if best else "")
    why = one.trouble or (", ".join(best.reasons) if best else "")
    return [record.kind.value, record.id, record.name, code, str(best.score) if best else "", why]
