"""`jobferry keys`: API keys of the operator or of one tenant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from adapters.inbound.cli.answers import answers
from adapters.inbound.cli.command_context import CommandContext, group
from adapters.inbound.cli.options import BeforeId, Limit, me
from adapters.inbound.cli.views import words
from adapters.inbound.cli.views.output import data, document, say
from adapters.inbound.schema.keys import KeyOut, NewKeyOut
from adapters.inbound.schema.schema_base import Page
from core.model.access.api_key import ApiKey, Scope
from core.model.access.caller import Caller
from core.services.access.api_keys import KeyRequest, NewKey

keys = group("keys", "Keys for the HTTP API, of the operator or a tenant.")
TenantOfKey = Annotated[
    str | None, typer.Option("--tenant", "-t", metavar="SLUG", help="Keys of this tenant; without it, of the operator.")
]
KeyArgument = Annotated[str, typer.Argument(metavar="KEY", help="The key's id, such as key_01J...")]


@keys.command()
@answers(NewKeyOut)
async def create(
    context: CommandContext,
    name: Annotated[str, typer.Argument(help="Who uses it, such as `billing export`.")],
    tenant: TenantOfKey = None,
    scope: Annotated[list[Scope] | None, typer.Option(help="What a tenant's key may do; may be repeated.")] = None,
    days: Annotated[
        int | None, typer.Option(min=1, max=36_500, help="Days until it expires; without it, never.")
    ] = None,
) -> None:
    """Make a key, and show it once.

    \b
    Example:
      jobferry keys create "billing export" --tenant cardinal \\
          --scope send --days 90
    """
    request = KeyRequest(
        name=name,
        tenant_id=await _tenant(context, tenant),
        scopes=frozenset(scope or ()),
        expires_at=datetime.now(UTC) + timedelta(days=days) if days else None,
    )
    _show(context, await context.use_cases.api_keys.create(request, _me()))


@keys.command("list")
@answers(Page[KeyOut])
async def list_(
    context: CommandContext, tenant: TenantOfKey = None, limit: Limit = 50, before: BeforeId = None
) -> None:
    """List keys, newest first, also ended ones.

    \b
    Example:
      jobferry keys list --tenant cardinal
    """
    page = await context.use_cases.api_keys.page(await _tenant(context, tenant), limit=limit, before=before)
    context.answer_list(
        map(KeyOut.of, page.keys),
        ("Key", "Name", "Begins with", "May", "Last used (UTC)", "State"),
        (
            [
                key.id,
                key.name,
                f"{key.prefix}...",
                " ".join(sorted(key.scopes)) or "everything",
                words.moment(key.last_used_at),
                _state(key),
            ]
            for key in page.keys
        ),
        nothing="There are no keys yet.",
        whole=("Key",),
        next_before=page.next_before,
    )


@keys.command()
@answers(NewKeyOut)
async def rotate(
    context: CommandContext,
    key: KeyArgument,
    tenant: TenantOfKey = None,
    overlap_hours: Annotated[int, typer.Option(min=0, max=720, help="Hours for which the old key still works.")] = 24,
) -> None:
    """Make a key that replaces another one.

    It has the same name and scopes. The old key still works for the hours of the overlap.

    \b
    Example:
      jobferry keys rotate key_01JEXAMPLE --overlap-hours 48
    """
    overlap = timedelta(hours=overlap_hours)
    _show(context, await context.use_cases.api_keys.rotate(await _tenant(context, tenant), key, overlap, _me()))


@keys.command()
@answers(KeyOut)
async def revoke(context: CommandContext, key: KeyArgument, tenant: TenantOfKey = None) -> None:
    """End a key; it stops working within seconds.

    \b
    Example:
      jobferry keys revoke key_01JEXAMPLE --tenant cardinal
    """
    ended = await context.use_cases.api_keys.revoke(await _tenant(context, tenant), key, _me())
    context.answer(KeyOut.of(ended), f"The key {ended.name} ({ended.prefix}...) is revoked.")


def _show(context: CommandContext, made: NewKey) -> None:
    if context.as_json:
        document(NewKeyOut.of_new(made))
    else:
        say(f"{made.key.id}: {made.key.name}. The key is shown only now:")
        data.print(made.text, soft_wrap=True)


def _state(key: ApiKey) -> str:
    if key.revoked_at:
        return f"revoked {words.moment(key.revoked_at)}"
    if key.expires_at is None:
        return "valid"
    return f"{'until' if key.valid(datetime.now(UTC)) else 'expired'} {words.moment(key.expires_at)}"


async def _tenant(context: CommandContext, slug: str | None) -> str | None:
    return (await context.tenant(slug)).id if slug else None


def _me() -> Caller:
    return Caller(who=me())
