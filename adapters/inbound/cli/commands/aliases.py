"""`jobferry aliases`: Spectrum codes of ServiceTrade records on one connection, used instead of their external ids."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from adapters.inbound.cli.answers import answers
from adapters.inbound.cli.command_context import CommandContext, carry_out, group
from adapters.inbound.cli.csv_file import csv_content
from adapters.inbound.cli.endings import ExitCode
from adapters.inbound.cli.options import Before, ConnectionOption, Json, Limit, TenantOption, me
from adapters.inbound.cli.views import words
from adapters.inbound.cli.views.output import data, document, document_list, say, table, tell_failure
from adapters.inbound.schema.aliases import AliasesSetOut, AliasImportOut, AliasOut, FormerAliasOut
from adapters.inbound.schema.schema_base import Page
from core.model.mappings.alias import AliasChanges, AliasEntry, AliasKind
from core.model.mappings.alias_csv import MOST_BYTES

_MOST_SHOWN = 50

aliases = group("aliases", "Spectrum codes used instead of external ids.")
AliasArgument = Annotated[str, typer.Argument(metavar="ALIAS", help="The alias's id, such as als_01J...")]
KindOption = Annotated[AliasKind | None, typer.Option("--kind", help="Only aliases of this kind.")]


@aliases.command("list")
@answers(Page[AliasOut])
async def list_(
    context: CommandContext,
    connection: ConnectionOption = None,
    tenant: TenantOption = None,
    kind: KindOption = None,
    search: Annotated[str, typer.Option(help="Only aliases with this text in name, code or id.")] = "",
    limit: Limit = 100,
    before: Before = None,
) -> None:
    """List a connection's aliases, newest first.

    \b
    Example:
      jobferry aliases list --connection north --kind customer
    """
    owner, target = await context.both(tenant, connection)
    page = await context.use_cases.aliases.page(
        owner.id, target.slug, kind=kind, search=search, limit=limit, before=before
    )
    why = "like this" if search else "yet: the external ids in ServiceTrade are used"
    context.answer_list(
        (AliasOut.of(one, target.slug) for one in page.aliases),
        ("Alias", "Kind", "ServiceTrade id", "Name", "Code", "Set (UTC)", "By"),
        (
            [
                one.id,
                one.entry.kind.value,
                one.entry.servicetrade_id,
                one.entry.name,
                one.code,
                words.moment(one.set_at),
                one.set_by,
            ]
            for one in page.aliases
        ),
        nothing=f"Connection {target.slug} has no aliases {why}.",
        whole=("Alias", "ServiceTrade id", "Set (UTC)"),
        next_before=page.next_before,
    )


@aliases.command("set")
@answers(AliasesSetOut)
async def set_(
    context: CommandContext,
    kind: Annotated[AliasKind, typer.Argument(help="The kind of record.")],
    servicetrade_id: Annotated[str, typer.Argument(metavar="ID", help="The record's id in ServiceTrade.")],
    code: Annotated[str, typer.Argument(metavar="CODE", help="Its code in Spectrum.")],
    connection: ConnectionOption = None,
    tenant: TenantOption = None,
    name: Annotated[str, typer.Option(help="The record's name, for people.")] = "",
) -> None:
    """Map one record to a Spectrum code, on one connection.

    Its history keeps the former code.

    \b
    Example:
      jobferry aliases set customer 7812 HARVIEW --connection north
    """
    entry = AliasEntry(kind, servicetrade_id.strip(), name, code.strip())
    owner, target = await context.both(tenant, connection)
    done = await context.use_cases.aliases.set(owner.id, target.slug, [entry], by=me())
    was = f" (it was {done.changes.changed[0].former.code})" if done.changes.changed else ""
    text = f"On {target.slug} the {kind.value} {name or entry.servicetrade_id} is {entry.code} in Spectrum{was}."
    context.answer(AliasesSetOut.of(done, target.slug), text)


@aliases.command()
@answers(AliasOut)
async def remove(context: CommandContext, alias: AliasArgument, tenant: TenantOption = None) -> None:
    """Remove an alias; the external id is used again.

    \b
    Example:
      jobferry aliases remove als_01JEXAMPLE
    """
    owner = await context.tenant(tenant)
    gone = await context.use_cases.aliases.remove(owner.id, alias, by=me())
    slugs = {one.id: one.slug for one in await context.use_cases.find_connection.all(owner.id)}
    slug, entry = slugs[gone.connection_id], gone.entry
    text = f"On {slug} the {entry.kind.value} {entry.name or entry.servicetrade_id} has no alias any more."
    context.answer(AliasOut.of(gone, slug), text)


@aliases.command()
@answers(Page[FormerAliasOut])
async def history(context: CommandContext, alias: AliasArgument, tenant: TenantOption = None) -> None:
    """List the former codes of an alias, newest first.

    \b
    Example:
      jobferry aliases history als_01JEXAMPLE
    """
    found = await context.use_cases.aliases.history((await context.tenant(tenant)).id, alias)
    context.answer_list(
        map(FormerAliasOut.of, found),
        ("Code", "Name", "Set (UTC)", "By", "Until (UTC)", "By"),
        (
            [
                one.alias.code,
                one.alias.entry.name,
                words.moment(one.alias.set_at),
                one.alias.set_by,
                f"{one.end.value} {words.moment(one.ended_at)}",
                one.ended_by,
            ]
            for one in found
        ),
        nothing="This alias has no former codes.",
        whole=("Set (UTC)",),
    )


@aliases.command("import")
@answers(AliasImportOut)
def import_(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV in UTF-8; - reads stdin.")],
    connection: ConnectionOption = None,
    tenant: TenantOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing; show changes and errors.")] = False,
    as_json: Json = False,
) -> None:
    """Set the aliases of a CSV file: all of them, or none.

    The first line is kind,servicetrade_id,name,code. Aliases that are not in the file do not change.

    \b
    Example:
      jobferry aliases import aliases.csv --connection north --dry-run
    """
    content = csv_content(file, MOST_BYTES)

    async def work(context: CommandContext) -> tuple[str, AliasChanges]:
        owner, target = await context.both(tenant, connection)
        importing = context.use_cases.aliases
        if dry_run:
            return target.slug, await importing.preview_import(owner.id, target.slug, content)
        return target.slug, await importing.import_csv(owner.id, target.slug, content, by=me())

    slug, changes = carry_out(ctx, work)
    if as_json:
        document(AliasImportOut.of(changes, imported=not dry_run))
    else:
        _print_import(changes, slug, imported=not dry_run)
    if changes.wrong:
        raise typer.Exit(ExitCode.USAGE)


@aliases.command()
@answers(Page[AliasOut])
async def export(
    context: CommandContext,
    connection: ConnectionOption = None,
    tenant: TenantOption = None,
    kind: KindOption = None,
) -> None:
    """Print all aliases of a connection as CSV.

    \b
    Example:
      jobferry aliases export --connection north > aliases.csv
    """
    owner, target = await context.both(tenant, connection)
    if context.as_json:
        found = await context.use_cases.aliases.all(owner.id, target.slug, kind=kind)
        document_list([AliasOut.of(one, target.slug) for one in found])
    else:
        text = await context.use_cases.aliases.export_csv(owner.id, target.slug, kind=kind)
        sys.stdout.buffer.write(text.encode())  # UTF-8 and the line ends of the file, whatever the terminal uses


def _print_import(changes: AliasChanges, connection: str, *, imported: bool) -> None:
    rows = [
        *((entry, "") for entry in changes.added),
        *((one.entry, f"{one.former.code} {one.former.entry.name}".strip()) for one in changes.changed),
    ]
    if rows and not imported:
        shown = (
            [entry.kind.value, entry.servicetrade_id, entry.name, entry.code, former or "(new)"]
            for entry, former in rows[:_MOST_SHOWN]
        )
        data.print(table(("Kind", "ServiceTrade id", "Name", "Code", "Code now"), shown, whole=("ServiceTrade id",)))
        if len(rows) > _MOST_SHOWN:
            say(f"And {len(rows) - _MOST_SHOWN} more; --json shows all.")
    for cell in changes.wrong:
        where = f"line {cell.line}{f', {cell.column}' if cell.column else ''}"
        tell_failure(f"{where}: {cell.detail}", label="Wrong:", style="red")
    counts = f"{len(changes.added)} new, {len(changes.changed)} changed, {changes.unchanged} unchanged"
    if imported:
        say(f"Imported to {connection}: {counts}.")
    elif changes.wrong:
        say(f"Nothing in this file would be imported: {len(changes.wrong)} wrong. The rest: {counts}.")
    else:
        say(f"Importing this file to {connection} would give: {counts}. Nothing was changed.")
