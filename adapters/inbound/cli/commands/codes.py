"""`jobferry codes`: the codes that a connection's Spectrum company has, as far as they are known."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adapters.inbound.cli.answers import answers
from adapters.inbound.cli.command_context import CommandContext, carry_out, group
from adapters.inbound.cli.csv_file import csv_content
from adapters.inbound.cli.endings import ExitCode
from adapters.inbound.cli.options import After, ConnectionOption, Json, Limit, TenantOption, me
from adapters.inbound.cli.views import words
from adapters.inbound.cli.views.following import until_ended
from adapters.inbound.cli.views.output import data, document, say, table, tell_failure
from adapters.inbound.schema.code_lists import CodeImportOut, CodeListsOut, ListedCodeOut
from adapters.inbound.schema.schema_base import Page
from core.model.mappings.alias import AliasKind
from core.model.mappings.list_csv import LIST_COLUMNS, MOST_BYTES
from core.model.mappings.list_read import LIST_SERVICES
from core.model.mappings.listed_code import ListState
from core.model.shared.errors import BadInput
from core.services.mappings.import_codes import AskedImport, ListImport
from core.services.mappings.look_up_codes import ConnectionLists

codes = group("codes", "The codes that a Spectrum company has.")

_MOST_SHOWN = 20
KindOption = Annotated[AliasKind | None, typer.Option("--kind", help="Only codes of this kind.")]


@codes.command()
@answers(Page[ListedCodeOut])
async def search(
    context: CommandContext,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The beginning of the code, or words of the name.")] = "",
    connection: ConnectionOption = None,
    tenant: TenantOption = None,
    kind: KindOption = None,
    limit: Limit = 50,
    after: After = None,
) -> None:
    """Search the listed codes; without a text, list all.

    Codes that begin with the text come first, then those with all of its words at the beginning of words in their name.

    \b
    Example:
      jobferry codes search "harbor foods" --connection north --kind customer
    """
    owner, target = await context.both(tenant, connection)
    page = await context.use_cases.look_up_codes.search(
        owner.id, target.slug, kind=kind, text=text, limit=limit, after=after
    )
    context.answer_list(
        (ListedCodeOut.of(one) for one in page.codes),
        ("Kind", "Code", "Name", "City", "Active", "From"),
        (
            [
                one.kind.value,
                one.code,
                one.name,
                one.city,
                {True: "yes", False: "no", None: ""}[one.active] + (", refused" if one.refused_at else ""),
                one.listed_from.value,
            ]
            for one in page.codes
        ),
        nothing=f"Connection {target.slug} has no such code. How the lists stand: jobferry codes lists",
        whole=("Code",),
        next_after=page.next,
    )


@codes.command()
@answers(CodeListsOut)
async def lists(context: CommandContext, connection: ConnectionOption = None, tenant: TenantOption = None) -> None:
    """Show how many codes each list has, and how it stands.

    \b
    Example:
      jobferry codes lists --connection north
    """
    owner, target = await context.both(tenant, connection)
    found = await context.use_cases.look_up_codes.states(owner.id, target.slug)
    context.answer(CodeListsOut.of_lists(found), lambda: _print(found))


@codes.command()
@answers(CodeListsOut)
async def refresh(
    context: CommandContext,
    connection: ConnectionOption = None,
    tenant: TenantOption = None,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait until the lists are read.")] = True,
) -> None:
    """Read the lists of customers and items from Spectrum now.

    Ends with 5 if not every list could be read completely.

    \b
    Example:
      jobferry codes refresh --connection north
    """
    owner, target = await context.both(tenant, connection)
    found = await context.use_cases.look_up_codes.refresh(owner.id, target.slug, by=me())
    if not wait:
        context.answer(CodeListsOut.of_lists(found), "A worker reads the lists. Look: jobferry codes lists")
        return
    async with context.worker_at_hand():
        found = await until_ended(
            lambda: context.use_cases.look_up_codes.states(owner.id, target.slug), lambda found: found.reading
        )
    context.answer(CodeListsOut.of_lists(found), lambda: _print(found))
    if any(state.tried_at and state.trouble for state in found.states):
        raise typer.Exit(ExitCode.PARTLY_DONE)


@codes.command("import")
@answers(CodeImportOut)
def import_(
    ctx: typer.Context,
    kind: Annotated[
        AliasKind,
        typer.Argument(metavar="KIND", help="What the codes of the file are for: customer, site, contract or item."),
    ],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV that Spectrum exported; - reads stdin.")],
    connection: ConnectionOption = None,
    tenant: TenantOption = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            "--column",
            metavar="WHAT=HEADING",
            help=f"Which column holds what, such as code=Site. WHAT is one of: {', '.join(LIST_COLUMNS)}.",
        ),
    ] = None,
    whole: Annotated[
        bool,
        typer.Option(
            "--whole",
            help="The file holds all codes of its kind: what it lacks is removed, and stops jobs (sites, contracts).",
        ),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Store nothing; show changes and errors.")] = False,
    as_json: Json = False,
) -> None:
    """Import codes from a file that Spectrum exported.

    Character set, separator and columns are found out. If you give --column, name each column that is to be read.

    \b
    Example:
      jobferry codes import site sites.csv --connection north --dry-run
    """
    asked = AskedImport(kind=kind, content=csv_content(file, MOST_BYTES), whole=whole, columns=_columns(column))

    async def work(context: CommandContext) -> tuple[str, ListImport]:
        owner, target = await context.both(tenant, connection)
        look = await context.use_cases.import_codes.preview(owner.id, target.slug, asked)
        if dry_run:
            return target.slug, look
        mark = look.fingerprint
        return target.slug, await context.use_cases.import_codes(
            owner.id, target.slug, asked, fingerprint=mark, by=me()
        )

    slug, found = carry_out(ctx, work)
    if as_json:
        document(CodeImportOut.of_import(found))
    else:
        _print_import(found, slug)
    if not found.file.codes or found.file.wrong_rows:
        raise typer.Exit(ExitCode.PARTLY_DONE if found.file.codes else ExitCode.USAGE)


def _columns(given: list[str] | None) -> dict[str, str] | None:
    pairs = [one.partition("=") for one in given or ()]
    if wrong := [what for what, sign, _ in pairs if not sign or what not in LIST_COLUMNS]:
        raise BadInput(f"--column {wrong[0]} is not WHAT=HEADING.", fix=f"WHAT is one of: {', '.join(LIST_COLUMNS)}.")
    return {what: heading for what, _, heading in pairs} or None


def _print(found: ConnectionLists) -> None:
    rows = (
        [
            state.kind.value,
            f"{state.rows:,}",
            words.moment(state.read_at) if state.read_at else "never",
            _state(state),
        ]
        for state in found.states
    )
    data.print(table(("List", "Codes", "Read (UTC)", "State"), rows, whole=("List", "Codes", "Read (UTC)")))


def _state(state: ListState) -> str:
    if state.begun_at:
        return f"is being read, {state.rows_so_far:,} rows so far"
    if state.trouble:
        return state.detail or "not read yet"
    if state.complete:
        return "complete" if state.kind in LIST_SERVICES else f"complete. {state.detail}".rstrip(" .")
    return state.detail or "nothing yet"


def _print_import(found: ListImport, connection: str) -> None:
    file = found.file
    if file.columns:
        read = ", ".join(f"{what} from {heading}" for what, heading in file.columns.items())
        say(f"Read as {file.encoding}, separated by {file.separator!r}: {read}.")
    changes = [
        *([one.code, one.name, "(new)"] for one in found.first_added),
        *([new.code, new.name, old.name] for old, new in found.first_changed),
        *([one.code, "(removed)", one.name] for one in found.first_removed),
    ]
    if changes and not found.done:
        data.print(table(("Code", "Name", "Name now"), changes, whole=("Code",)))
    for cell in file.wrong[:_MOST_SHOWN]:
        where = f"line {cell.line}{f', {cell.column}' if cell.column else ''}"
        tell_failure(f"{where}: {cell.detail}", label="Wrong:", style="red")
    if file.codes and "name" not in file.columns:
        tell_failure(
            "No column was found for the name; these codes have none. If the file has names, give each of its columns: "
            f'--column code="{file.columns["code"]}" --column name=HEADING',
            label="Look:",
            style="yellow",
        )
    if found.accepted and not found.done:
        names = ", ".join(one.code for one in found.first_accepted)
        tell_failure(
            f"Spectrum accepted {found.accepted} codes that the file lacks ({names}). It may not hold all.",
            label="Look:",
            style="yellow",
        )
    if found.stopped and not found.done:
        names = ", ".join(one.code for one in found.first_stopped)
        tell_failure(
            f"{found.stopped} records of ServiceTrade have codes that would not be listed or be inactive ({names})."
            " Their jobs would be stopped.",
            label="Look:",
            style="yellow",
        )
    counts = f"{found.added} new, {found.changed} changed, {found.removed} removed, {found.unchanged} unchanged"
    more = f"; {file.wrong_rows} rows are left out" if file.wrong_rows else ""
    if found.done:
        say(f"Imported to {connection}: {counts}{more}.")
    elif file.codes:
        say(f"Importing this file to {connection} would give: {counts}{more}. Nothing was stored.")
