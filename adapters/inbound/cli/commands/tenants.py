"""`jobferry tenants`: the ServiceTrade accounts of this installation."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from adapters.inbound.cli.answers import answers
from adapters.inbound.cli.command_context import CommandContext, carry_out, group
from adapters.inbound.cli.new_file import write_new
from adapters.inbound.cli.options import After, Json, Limit, Yes, me, read_secret
from adapters.inbound.cli.setting_options import changes_from, settings_from, with_setting_options
from adapters.inbound.cli.views.output import data, document, say, table
from adapters.inbound.schema.schema_base import Nothing, Output, Page
from adapters.inbound.schema.tenants import TenantOut
from adapters.inbound.schema.webhook_endpoints import WebhookOut
from core.model.shared.errors import BadInput
from core.model.tenants.settings import TENANT_SETTINGS
from core.model.tenants.tenant import ClientLogin, Login, PasswordLogin, Tenant


class ExportOut(Output):
    """`rows` by kind."""

    file: str
    bytes: int
    rows: Mapping[str, int]


tenants = group("tenants", "ServiceTrade accounts, each with its own connections.")
Slug = Annotated[str, typer.Argument(help="The tenant's short name.")]


@tenants.command()
@with_setting_options(TENANT_SETTINGS)
@answers(TenantOut)
def add(
    ctx: typer.Context,
    slug: Annotated[str, typer.Argument(help="Short name: lower-case letters, digits and dashes.")],
    username: Annotated[str | None, typer.Option(help="User name in ServiceTrade (session login).")] = None,
    client_id: Annotated[str | None, typer.Option(help="Client id (OAuth2) instead of a user name.")] = None,
    password_env: Annotated[
        str | None,
        typer.Option("--password-env", metavar="NAME", help="Environment variable with the password or client secret."),
    ] = None,
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read that from stdin.")] = False,
    check: Annotated[bool, typer.Option(help="Sign in once before storing anything.")] = True,
    as_json: Json = False,
    **given: Any,
) -> None:
    """Add a ServiceTrade account. Jobferry asks for the password if no option gives it.

    \b
    Example:
      jobferry tenants add cardinal --name "Cardinal Fire" \\
          --username integration@example.com
    """
    tenant = Tenant(id="", slug=slug, **settings_from(TENANT_SETTINGS, given))
    login = _login(username, client_id, password_env, password_stdin)

    async def work(context: CommandContext) -> Tenant:
        return await context.use_cases.add_tenant(tenant, login, check=check, by=me())

    added = carry_out(ctx, work)
    if as_json:
        document(TenantOut.of(added))
        return
    say(f"Tenant {added.slug} is added" + (", and signing in to ServiceTrade works." if check else "."))
    say(f"jobferry connections add --tenant {added.slug} --help", label="Next:", style="bold")


@tenants.command("list")
@answers(Page[TenantOut])
async def list_(context: CommandContext, limit: Limit = 50, after: After = None) -> None:
    """List tenants, oldest first.

    \b
    Example:
      jobferry tenants list
    """
    page = await context.use_cases.find_tenant.page(limit=limit, after=after)
    context.answer_list(
        map(TenantOut.of, page.tenants),
        ("Tenant", "Name", "ServiceTrade", "State"),
        ([one.slug, one.name, one.base_url, "paused" if one.paused else "active"] for one in page.tenants),
        nothing="There is no tenant yet. Add one: jobferry tenants add --help",
        next_after=page.next_after,
    )


@tenants.command()
@answers(TenantOut)
async def show(context: CommandContext, slug: Slug) -> None:
    """Show one tenant and its connections.

    \b
    Example:
      jobferry tenants show cardinal
    """
    tenant = await context.tenant(slug)
    page = await context.use_cases.find_connection.page(tenant.id)
    if context.as_json:
        document(TenantOut.of(tenant))
        return
    state = "paused" if tenant.paused else "active"
    shown = (one for one in TENANT_SETTINGS if one.setting.in_forms)
    facts = [(one.setting.title, str(getattr(tenant, one.name) or "-")) for one in shown]
    facts += [("State", state)]
    facts += [("Connection", f"{one.slug}: {one.name}") for one in page.connections]
    if page.next_after is not None:
        facts += [("", f"There are more: jobferry connections list --tenant {tenant.slug}")]
    data.print(table((f"Tenant {tenant.slug}", ""), facts))


@tenants.command("set")
@with_setting_options(TENANT_SETTINGS, changes=True)
@answers(TenantOut)
def set_(
    ctx: typer.Context,
    slug: Annotated[str | None, typer.Argument(help="The tenant; not needed if there is only one.")] = None,
    as_json: Json = False,
    **given: Any,
) -> None:
    """Change a tenant's settings. What is not given stays; '' goes back to the default.

    A new ServiceTrade address is tried before it is stored.

    \b
    Example:
      jobferry tenants set cardinal --name "Cardinal Fire Protection"
    """
    changes = changes_from(TENANT_SETTINGS, given)
    if not changes:
        raise BadInput("Nothing is given to change.", fix="Give an option; --help lists them.")

    async def work(context: CommandContext) -> Tenant:
        before = await context.use_cases.find_tenant.fresh((await context.tenant(slug)).slug)
        return await context.use_cases.change_tenant(before, replace(before, **changes), by=me())

    changed = carry_out(ctx, work)
    if as_json:
        document(TenantOut.of(changed))
        return
    say(f"Tenant {changed.slug} is changed: {', '.join(changes).replace('_', ' ')}.")


@tenants.command()
@answers(TenantOut)
async def pause(context: CommandContext, slug: Slug) -> None:
    """Pause a tenant; its sends wait. New sends are still accepted.

    \b
    Example:
      jobferry tenants pause cardinal
    """
    await _set_paused(context, slug, paused=True)


@tenants.command()
@answers(TenantOut)
async def resume(context: CommandContext, slug: Slug) -> None:
    """End a tenant's pause; its sends continue.

    \b
    Example:
      jobferry tenants resume cardinal
    """
    await _set_paused(context, slug, paused=False)


@tenants.command()
@answers(ExportOut)
async def export(
    context: CommandContext,
    slug: Slug,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file, for example cardinal-2027-03-14.jsonl")],
) -> None:
    """Write all data of a tenant to a file, without secrets.

    Lines of JSON; docs/data-protection.md describes them. Everything may run meanwhile.

    \b
    Example:
      jobferry tenants export cardinal cardinal-2027-03-14.jsonl
    """
    tenant = await context.tenant(slug)
    rows = await write_new(file, context.use_cases.export_tenant(tenant, by=me()))
    told = ExportOut(file=str(file), bytes=file.stat().st_size, rows=json.loads(rows)["rows"])
    text = f"{file} holds all of {tenant.slug}: {sum(told.rows.values()):,} rows ({told.bytes:,} bytes)."
    context.answer(told, f"{text} Only your user can read it.")


@tenants.command()
@answers(Nothing)
def remove(ctx: typer.Context, slug: Slug, yes: Yes = False, as_json: Json = False) -> None:
    """Remove a tenant and all its data, for good.

    Removes connections, sends, keys, secrets and audit. Hashes of posted lines stay, so that none is posted twice.

    \b
    Example:
      jobferry tenants remove cardinal
    """
    if not yes:
        typer.confirm(f"Remove the tenant {slug} and all its data, for good?", abort=True, err=True)

    async def work(context: CommandContext) -> None:
        await context.use_cases.change_tenant.remove(await context.tenant(slug), by=me())

    carry_out(ctx, work)
    if as_json:
        document(Nothing())
    else:
        say(f"The tenant {slug} is removed.")


async def _set_paused(context: CommandContext, slug: str, *, paused: bool) -> None:
    tenant = await context.use_cases.change_tenant.pause(await context.tenant(slug), paused=paused, by=me())
    text = f"Tenant {slug} is {'paused; its sends wait' if paused else 'sending again'}."
    context.answer(TenantOut.of(tenant), text)


def _login(username: str | None, client_id: str | None, variable: str | None, from_stdin: bool) -> Login:
    if (username is None) == (client_id is None):
        raise BadInput(
            "Jobferry needs one way to sign in to ServiceTrade.", fix="Give either --username or --client-id."
        )
    if client_id is not None:
        return ClientLogin(client_id, read_secret("client secret", variable=variable, from_stdin=from_stdin))
    return PasswordLogin(username or "", read_secret("password", variable=variable, from_stdin=from_stdin))


@tenants.command()
@answers(WebhookOut)
async def webhook(
    context: CommandContext,
    action: Annotated[Literal["on", "off", "show"], typer.Argument(help="Switch it on or off, or show its state.")],
    slug: Annotated[str | None, typer.Argument(help="The tenant; not needed if there is only one.")] = None,
) -> None:
    """Switch ServiceTrade's webhook on or off, or show it.

    With it Jobferry learns of completed jobs at once. Without it, at the next poll.

    \b
    Example:
      jobferry tenants webhook on cardinal
    """
    owner, hook = await context.tenant(slug), context.use_cases.servicetrade_webhook
    if action == "on":
        state = await hook.switch_on(owner.id, by=me())
    else:
        if action == "off":
            await hook.switch_off(owner.id, by=me())
        state = await hook.show(owner.id)
    text = "The webhook is on." if state.on else "The webhook is off; Jobferry polls for completed jobs."
    context.answer(WebhookOut.of(state), text)
