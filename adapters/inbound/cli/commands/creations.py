"""`jobferry creations`: new sites and customers in Spectrum, each after all of its fields were confirmed."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from adapters.inbound.cli.answers import answers
from adapters.inbound.cli.command_context import CommandContext, group
from adapters.inbound.cli.options import ConnectionOption, Limit, OnlyConnection, Reason, TenantOption, me
from adapters.inbound.cli.views import words
from adapters.inbound.cli.views.output import data, document_list, say
from adapters.inbound.schema.creations import CreationOut, CreationPreviewOut, where_to_look
from adapters.inbound.schema.schema_base import Page
from core.model.creations.creation import CreationKind
from core.model.mappings.alias import CodeSource
from core.model.shared.errors import BadInput, FieldError
from core.services.creations.manage_creations import CreationOn
from core.services.creations.preview_creation import CreationPreview
from core.services.creations.request_creation import CreationRequest

creations = group("creations", "New sites and customers in Spectrum.")

Kind = Annotated[CreationKind, typer.Argument(metavar="KIND", help="site, customer or customer_change.")]
Record = Annotated[
    str, typer.Argument(metavar="RECORD", help="ServiceTrade's id of the location, or of the company for a customer.")
]
Fields = Annotated[
    list[str] | None,
    typer.Option(
        "--field", metavar="NAME=VALUE", help="A value in place of the proposed one, by Spectrum's name of the field."
    ),
]
Id = Annotated[str, typer.Argument(metavar="CREATION", help="The creation's id, such as crn_01J...")]


@creations.command()
@answers(CreationPreviewOut)
async def preview(
    context: CommandContext, kind: Kind, record: Record, connection: ConnectionOption = None,
    field: Fields = None, tenant: TenantOption = None,
) -> None:  # fmt: skip
    """Show every field of a new record, and where its value is from.

    Nothing is written.

    \b
    Example:
      jobferry creations preview site 2274012005535745 \\
          --connection main --field Site_ID=QUAIL
    """
    owner, target = await context.both(tenant, connection)
    shown = await context.use_cases.preview_creation(owner.id, target.slug, kind, record, _values(field))
    if context.as_json:
        context.answer(CreationPreviewOut.of_preview(shown), "")
    else:
        data.print(_previewed(shown))


@creations.command()
@answers(CreationOut)
async def create(
    context: CommandContext,
    kind: Kind,
    record: Record,
    connection: ConnectionOption = None,
    field: Fields = None,
    keep: Annotated[CodeSource, typer.Option(help="Where the code is kept: here, or in ServiceTrade.")] = (
        CodeSource.ALIAS
    ),
    send_again: Annotated[bool, typer.Option(help="Then send again what needs nothing but this code.")] = False,
    yes: Annotated[
        str, typer.Option("--yes", metavar="FINGERPRINT", help="You confirm every field of this preview.")
    ] = "",
    tenant: TenantOption = None,
) -> None:
    """Create a record in Spectrum with the previewed fields, once.

    Shows them and stops, unless --yes gives their fingerprint. If a value has
    changed since, nothing is created. A worker then calls Spectrum.

    \b
    Example:
      jobferry creations create site 2274012005535745 \\
          --connection main --field Site_ID=QUAIL --yes 5b1f6a0c93de
    """
    owner, target = await context.both(tenant, connection)
    shown = await context.use_cases.preview_creation(owner.id, target.slug, kind, record, _values(field))
    if yes != shown.fingerprint:
        if not context.as_json:
            data.print(_previewed(shown))
        raise BadInput(
            "Nothing was created: a value has changed since that preview, or another one was confirmed."
            if yes
            else "Nothing was created: the fields are not confirmed.",
            fix="Look at each, then add --yes and the fingerprint of this preview.",
            errors=[FieldError("--yes", "the fingerprint of the preview")],
        )
    request = CreationRequest(
        connection=target.slug,
        kind=kind,
        record_id=record,
        fields=shown.values,
        keep=keep,
        send_again=send_again,
        requested_by=me(),
    )
    made = await context.use_cases.request_creation(owner.id, request)
    answer = await context.use_cases.manage_creations.show(owner.id, made.id)
    text = f"Confirmed as {made.id}: a worker creates {made.code} in Spectrum."
    context.answer(CreationOut.of_creation(answer), text)


@creations.command("list")
@answers(Page[CreationOut])
async def list_(
    context: CommandContext,
    tenant: TenantOption = None,
    connection: OnlyConnection = None,
    waiting: Annotated[bool, typer.Option(help="Only those that wait for somebody.")] = False,
    limit: Limit = 100,
) -> None:
    """List new records, newest first.

    \b
    Example:
      jobferry creations list --tenant cardinal --waiting
    """
    owner = await context.tenant(tenant)
    page = await context.use_cases.manage_creations.list(
        owner.id, connection=connection, needs_person=waiting, limit=limit
    )
    if context.as_json:
        document_list(map(CreationOut.of_creation, page.creations))
    elif page.creations:
        for one in page.creations:
            data.print(_told(one))
    else:
        say("No new record.")


@creations.command()
@answers(CreationOut)
async def show(context: CommandContext, creation: Id, tenant: TenantOption = None) -> None:
    """Show a new record: its fields, its state, and where to look.

    \b
    Example:
      jobferry creations show crn_01JEXAMPLE
    """
    shown = await context.use_cases.manage_creations.show((await context.tenant(tenant)).id, creation)
    if context.as_json:
        context.answer(CreationOut.of_creation(shown), "")
    else:
        data.print(_told(shown))


@creations.command()
@answers(CreationOut)
async def settle(
    context: CommandContext,
    creation: Id,
    reason: Reason,
    there: Annotated[bool, typer.Option("--there/--not-there", help="What you saw in Spectrum.")],
    tenant: TenantOption = None,
) -> None:
    """Say whether a record is in Spectrum.

    If it is there, its code is kept. If it is not, it can be created anew.

    \b
    Example:
      jobferry creations settle crn_01JEXAMPLE --there \\
          --reason "seen in the list of sites"
    """
    owner = await context.tenant(tenant)
    shown = await context.use_cases.manage_creations.settle(owner.id, creation, there=there, reason=reason, by=me())
    text = f"Recorded: {shown.creation.code} is {'' if there else 'not '}in Spectrum."
    context.answer(CreationOut.of_creation(shown), text)


@creations.command()
@answers(CreationOut)
async def cancel(context: CommandContext, creation: Id, tenant: TenantOption = None) -> None:
    """Cancel a new record whose call has not left.

    \b
    Example:
      jobferry creations cancel crn_01JEXAMPLE
    """
    shown = await context.use_cases.manage_creations.cancel((await context.tenant(tenant)).id, creation, by=me())
    context.answer(CreationOut.of_creation(shown), f"Cancelled: {shown.creation.code} is not created.")


@creations.command("keep-code")
@answers(CreationOut)
async def keep_code(
    context: CommandContext,
    creation: Id,
    keep: Annotated[CodeSource | None, typer.Option(help="Where to keep it. Left out: leave the present code.")] = None,
    tenant: TenantOption = None,
) -> None:
    """Keep the code of a record that was created, or leave it.

    \b
    Example:
      jobferry creations keep-code crn_01JEXAMPLE --keep alias
    """
    shown = await context.use_cases.manage_creations.keep_code(
        (await context.tenant(tenant)).id, creation, keep, by=me()
    )
    context.answer(CreationOut.of_creation(shown), f"Recorded for {shown.creation.code}.")


def _values(given: list[str] | None) -> dict[str, str]:
    values = {}
    for one in given or ():
        name, sign, value = one.partition("=")
        if not sign:
            raise BadInput(
                f"{one} does not say which value a field has.",
                fix="Write it like --field Site_ID=QUAIL.",
                errors=[FieldError("--field", "NAME=VALUE")],
            )
        values[name] = value
    return values


def _previewed(shown: CreationPreview) -> Text:
    text = Text()
    text.append(f"{shown.service} for {shown.record.name or shown.record.id}\n", "bold")
    for one in shown.fields:
        if one.value or one.required or one.problem:
            note = one.problem or ", ".join(part for part in (one.origin_words, one.note) if part)
            text.append(f"  {one.name + ':':24}", "dim")
            text.append(f"{one.value}  ")
            text.append(f"{note}\n", "red" if one.problem else "dim")
    for found in shown.findings:
        text.append(f"{found.message}\n", "yellow")
    if shown.possible:
        text.append(f"It can be created as it is. Confirm it with --yes {shown.fingerprint}\n")
    else:
        text.append("It cannot be created as it is.\n")
    return text


def _told(shown: CreationOn) -> Text:
    one = shown.creation
    text = Text()
    text.append(f"{one.kind.value.replace('_', ' ')} {one.code}: {one.state.value.replace('_', ' ')}\n", "bold")
    rows = [
        ("Creation", one.id),
        ("Record", f"{one.record_name} ({one.record_id})"),
        ("Connection", shown.connection.slug),
        ("Confirmed", f"{words.moment(one.requested_at)} UTC by {one.requested_by}"),
        ("Fields", ", ".join(f"{name} {value}" for name, value in one.fields.items())),
        *([("Answer", one.outcome)] if one.outcome else []),
        ("Where to look", where_to_look(shown)),
    ]
    for name, value in rows:
        text.append(f"  {name + ':':16}", "dim")
        text.append(f"{value}\n")
    for found in one.findings:
        text.append(f"  {found.message}\n", "yellow")
    return text
