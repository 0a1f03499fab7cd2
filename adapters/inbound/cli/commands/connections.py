"""`jobferry connections`: the Spectrum companies that a tenant sends to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.text import Text

from adapters.inbound.cli.command_context import CommandContext, carry_out
from adapters.inbound.cli.commands.connection_add import add
from adapters.inbound.cli.commands.readiness import readiness
from adapters.inbound.cli.endings import ExitCode
from adapters.inbound.cli.options import Json, TenantOption, group, me
from adapters.inbound.cli.views import words
from adapters.inbound.cli.views.check_view import check_rows, failed
from adapters.inbound.cli.views.output import data, document, say, table
from adapters.inbound.schema.connections.connections import ConnectionOut, ExaminationOut
from adapters.inbound.schema.schema_base import Page
from core.model.connections.connection import (
    Connection,
)
from core.model.sending.answer import CheckStep
from core.model.shared.finding import Finding

connections = group("Spectrum companies that a tenant sends to.")
SLUG = typer.Argument(help="The connection's short name.")


connections.command()(add)
connections.command()(readiness)


@connections.command("list")
def list_(ctx: typer.Context, tenant: TenantOption = None, as_json: Json = False) -> None:
    """List a tenant's connections and their state."""

    async def work(context: CommandContext) -> Sequence[Connection]:
        return await context.use_cases.find_connection.all((await context.tenant(tenant)).id)

    found = carry_out(ctx, work)
    if as_json:
        document(Page[ConnectionOut](items=[ConnectionOut.of(one) for one in found]))
    elif found:
        rows: list[list[str | Text]] = [
            [one.slug, one.name, one.company_code, str(one.endpoint), _state(one)] for one in found
        ]
        data.print(table(("Connection", "Name", "Company", "Spectrum", "State"), rows))
    else:
        say("There is no connection yet. Add one: jobferry connections add --help")


@connections.command()
def show(ctx: typer.Context, slug: Annotated[str, SLUG], tenant: TenantOption = None, as_json: Json = False) -> None:
    """Show a connection's settings, without its secrets."""

    async def work(context: CommandContext) -> tuple[Connection, Sequence[Finding]]:
        owner = await context.tenant(tenant)
        found = await context.connection(owner, slug)
        return found, (await context.use_cases.find_connection.warnings(owner.id)).get(found.id, ())

    found, warnings = carry_out(ctx, work)
    shown = ConnectionOut.of(found, warnings)
    if as_json:
        document(shown)
        return
    plain = shown.model_dump(mode="json", exclude={"id", "hold", "items_hold", "paused", "plugins", "warnings"})
    rows: list[list[str | Text]] = [[key.replace("_", " "), _plainly(value)] for key, value in plain.items()]
    rows.append(["plugins", ", ".join(use.name for use in found.plugins) or "-"])
    rows.append(["state", _state(found)])
    data.print(table((f"Connection {found.slug}", ""), rows))
    if found.hold:
        data.print(words.finding(found.hold.finding))
    if found.items_hold:
        data.print(words.finding(found.items_hold.finding))
    for warning in warnings:
        data.print(words.finding(warning))


@connections.command("test")
def examine(ctx: typer.Context, slug: Annotated[str, SLUG], tenant: TenantOption = None, as_json: Json = False) -> None:
    """Test a connection step by step, without writing.

    Every failed step comes with its fix.
    """

    async def work(context: CommandContext) -> Sequence[CheckStep]:
        owner = await context.tenant(tenant)
        return [step async for step in context.use_cases.examine_connection(owner.id, slug)]

    steps = carry_out(ctx, work)
    if as_json:
        document(ExaminationOut.of(slug, steps))
    else:
        data.print(table(("Step", "", "What was seen"), check_rows(steps)))
    if failed(steps):
        raise typer.Exit(ExitCode.REMOTE_SYSTEM)


@connections.command("rotate-secret")
def rotate_secret(
    ctx: typer.Context, slug: Annotated[str, SLUG], tenant: TenantOption = None, as_json: Json = False
) -> None:
    """Let Spectrum make a new client secret, if it can.

    The old secret stays until the new one has worked. Other programs that use the same client need the new one too.
    """

    async def work(context: CommandContext) -> Connection:
        owner = await context.tenant(tenant)
        return await context.use_cases.rotate_secret(owner.id, slug, by=me())

    found = carry_out(ctx, work)
    if as_json:
        document(ConnectionOut.of(found))
        return
    ends = found.client_secret_expires_at
    say(f"Connection {slug} has a new client secret{f', until {words.moment(ends)} UTC' if ends else ''}.")


@connections.command()
def pause(ctx: typer.Context, slug: Annotated[str, SLUG], tenant: TenantOption = None, as_json: Json = False) -> None:
    """Pause a connection; its sends wait."""
    _set_paused(ctx, slug, tenant, paused=True, as_json=as_json)


@connections.command()
def resume(ctx: typer.Context, slug: Annotated[str, SLUG], tenant: TenantOption = None, as_json: Json = False) -> None:
    """End a pause, or a hold whose cause is fixed."""
    _set_paused(ctx, slug, tenant, paused=False, as_json=as_json)


@connections.command()
def remove(
    ctx: typer.Context,
    slug: Annotated[str, SLUG],
    tenant: TenantOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove a connection with its sends and secrets, for good.

    Jobferry remembers what it posted. If you add the connection again, nothing is posted twice.
    """
    if not yes:
        typer.confirm(f"Remove the connection {slug} with all its sends, for good?", abort=True, err=True)

    async def work(context: CommandContext) -> None:
        owner = await context.tenant(tenant)
        await context.use_cases.remove_connection(owner.id, slug, version=None, by=me())

    carry_out(ctx, work)
    say(f"The connection {slug} is removed.")


def _set_paused(ctx: typer.Context, slug: str, tenant: str | None, *, paused: bool, as_json: bool) -> None:
    async def work(context: CommandContext) -> Connection:
        owner = await context.tenant(tenant)
        return await context.use_cases.pause_connection(owner.id, slug, paused=paused, by=me())

    found = carry_out(ctx, work)
    if as_json:
        document(ConnectionOut.of(found))
    else:
        say(f"Connection {slug} is {'paused; its sends wait' if paused else 'sending again'}.")


def _state(connection: Connection) -> Text:
    if connection.paused:
        return Text("paused", "yellow")
    if hold := connection.hold:
        until = f"until {words.moment(hold.until)} UTC" if hold.until else "until somebody resumes it"
        return Text(f"waits {until}: {hold.finding.message}", "bold red")
    if connection.items_hold:
        return Text(f"posts no items: {connection.items_hold.finding.message}", "bold red")
    return Text("working", "green")


def _plainly(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_plainly(inner)}" for key, inner in value.items()) or "-"
    if value is True or value is False:
        return "yes" if value else "no"
    return str(value).strip() if value else "-"
