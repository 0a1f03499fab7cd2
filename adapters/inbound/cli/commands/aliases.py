"""`jobferry aliases`: Spectrum codes of ServiceTrade records on one connection, used instead of their external ids."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from adapters.inbound.cli.command_context import CommandContext, carry_out
from adapters.inbound.cli.endings import ExitCode
from adapters.inbound.cli.options import ConnectionOption, Json, TenantOption, group
from adapters.inbound.cli.views import words
from adapters.inbound.cli.views.alias_view import print_import
from adapters.inbound.cli.views.output import data, document, say, table
from adapters.inbound.schema.aliases import AliasesSetOut, AliasImportOut, AliasOut, FormerAliasOut
from adapters.inbound.schema.schema_base import Page
from core.model.mappings.alias import Alias, AliasEntry, AliasKind, FormerAlias
from core.model.mappings.alias_change import AliasChanges
from core.model.mappings.alias_csv import MOST_BYTES
from core.model.shared.errors import BadInput
from core.services.mappings.list_aliases import AliasPage
from core.services.mappings.set_aliases import AliasesSet

aliases = group("Spectrum codes used instead of external ids.")
ALIAS = typer.Argument(metavar="ALIAS", help="The alias's id, such as als_01J...")
KindOption = Annotated[AliasKind | None, typer.Option("--kind", help="Only aliases of this kind.")]


@aliases.command("list")
def list_(
    ctx: typer.Context,
    connection: ConnectionOption = None,
    tenant: TenantOption = None,
    kind: KindOption = None,
    search: Annotated[str, typer.Option(help="Only aliases with this text in name, code or id.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many at most.")] = 100,
    before: Annotated[
        int | None, typer.Option(help="For the next page: the number that the last page printed.")
    ] = None,
    as_json: Json = False,
) -> None:
    """List a connection's aliases, newest first."""

    async def work(context: CommandContext) -> tuple[str, AliasPage]:
        owner = await context.tenant(tenant)
        slug = (await context.connection(owner, connection)).slug
        listing = context.use_cases.list_aliases
        return slug, await listing(owner.id, slug, kind=kind, search=search, limit=limit, before=before)

    slug, page = carry_out(ctx, work)
    if as_json:
        items = [AliasOut.of(one, slug) for one in page.aliases]
        document(Page[AliasOut](items=items, next=None if page.next_before is None else str(page.next_before)))
    elif page.aliases:
        rows = (
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
        )
        columns = ("Alias", "Kind", "ServiceTrade id", "Name", "Code", "Set (UTC)", "By")
        data.print(table(columns, rows, whole=("Alias", "ServiceTrade id", "Set (UTC)")))
        if page.next_before is not None:
            say(f"There are more: --before {page.next_before}")
    else:
        why = "like this" if search else "yet: the external ids in ServiceTrade are used"
        say(f"Connection {slug} has no aliases {why}.")


@aliases.command("set")
def set_(
    ctx: typer.Context,
    kind: Annotated[AliasKind, typer.Argument(help="The kind of record.")],
    servicetrade_id: Annotated[str, typer.Argument(metavar="ID", help="The record's id in ServiceTrade.")],
    code: Annotated[str, typer.Argument(metavar="CODE", help="Its code in Spectrum.")],
    connection: ConnectionOption = None,
    tenant: TenantOption = None,
    name: Annotated[str, typer.Option(help="The record's name, for people.")] = "",
    as_json: Json = False,
) -> None:
    """Map one record to a Spectrum code, on one connection.

    Its history keeps the former code.
    """
    entry = AliasEntry(kind, servicetrade_id.strip(), name, code.strip())

    async def work(context: CommandContext) -> tuple[str, AliasesSet]:
        owner = await context.tenant(tenant)
        slug = (await context.connection(owner, connection)).slug
        return slug, await context.use_cases.set_aliases(owner.id, slug, [entry], by=_author())

    slug, done = carry_out(ctx, work)
    if as_json:
        document(AliasesSetOut.of(done, slug))
        return
    was = f" (it was {done.changes.changed[0].former.code})" if done.changes.changed else ""
    say(f"On {slug} the {kind.value} {name or entry.servicetrade_id} is {entry.code} in Spectrum{was}.")


@aliases.command()
def remove(
    ctx: typer.Context, alias: Annotated[str, ALIAS], tenant: TenantOption = None, as_json: Json = False
) -> None:
    """Remove an alias; the external id is used again."""

    async def work(context: CommandContext) -> tuple[str, Alias]:
        owner = await context.tenant(tenant)
        gone = await context.use_cases.remove_alias(owner.id, alias, by=_author())
        slugs = {one.id: one.slug for one in await context.use_cases.find_connection.all(owner.id)}
        return slugs[gone.connection_id], gone

    slug, gone = carry_out(ctx, work)
    if as_json:
        document(AliasOut.of(gone, slug))
    else:
        entry = gone.entry
        say(f"On {slug} the {entry.kind.value} {entry.name or entry.servicetrade_id} has no alias any more.")


@aliases.command()
def history(
    ctx: typer.Context, alias: Annotated[str, ALIAS], tenant: TenantOption = None, as_json: Json = False
) -> None:
    """List the former codes of an alias, newest first."""

    async def work(context: CommandContext) -> Sequence[FormerAlias]:
        return await context.use_cases.alias_history((await context.tenant(tenant)).id, alias)

    found = carry_out(ctx, work)
    if as_json:
        document(Page[FormerAliasOut](items=[FormerAliasOut.of(one) for one in found]))
    elif found:
        rows = (
            [
                one.alias.code,
                one.alias.entry.name,
                words.moment(one.alias.set_at),
                one.alias.set_by,
                f"{one.end.value} {words.moment(one.ended_at)}",
                one.ended_by,
            ]
            for one in found
        )
        data.print(table(("Code", "Name", "Set (UTC)", "By", "Until (UTC)", "By"), rows, whole=("Set (UTC)",)))
    else:
        say("This alias has no former codes.")


@aliases.command("import")
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
    """
    content = _content(file)

    async def work(context: CommandContext) -> tuple[str, AliasChanges]:
        owner = await context.tenant(tenant)
        slug, importing = (await context.connection(owner, connection)).slug, context.use_cases.import_aliases
        if dry_run:
            return slug, await importing.preview(owner.id, slug, content)
        return slug, await importing(owner.id, slug, content, by=_author())

    slug, changes = carry_out(ctx, work)
    if as_json:
        document(AliasImportOut.of(changes, imported=not dry_run))
    else:
        print_import(changes, slug, imported=not dry_run)
    if changes.wrong:
        raise typer.Exit(ExitCode.USAGE)


@aliases.command()
def export(
    ctx: typer.Context,
    connection: ConnectionOption = None,
    tenant: TenantOption = None,
    kind: KindOption = None,
    as_json: Json = False,
) -> None:
    """Print all aliases of a connection as CSV."""

    async def work(context: CommandContext) -> tuple[str, Sequence[Alias], str]:
        owner = await context.tenant(tenant)
        slug, exporting = (await context.connection(owner, connection)).slug, context.use_cases.export_aliases
        if as_json:
            return slug, await exporting.all(owner.id, slug, kind=kind), ""
        return slug, (), await exporting(owner.id, slug, kind=kind)

    slug, found, text = carry_out(ctx, work)
    if as_json:
        document(Page[AliasOut](items=[AliasOut.of(one, slug) for one in found]))
    else:
        sys.stdout.buffer.write(text.encode())  # UTF-8 and the line ends of the file, whatever the terminal uses


def _author() -> str:
    return f"cli:{getpass.getuser()}"


def _content(file: Path) -> bytes:
    """The file's bytes, at most one more than the import accepts. Raises BadInput."""
    try:
        if str(file) == "-":
            return sys.stdin.buffer.read(MOST_BYTES + 1)
        with file.open("rb") as opened:
            return opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise BadInput(
            f"The file {file} cannot be read: {error.strerror}.", fix="Give a CSV file, or - for stdin."
        ) from error
