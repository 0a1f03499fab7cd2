"""`jobferry connections`: the Spectrum companies that a tenant sends to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.text import Text

from adapters.inbound.cli.answers import answers
from adapters.inbound.cli.command_context import CommandContext, carry_out, group
from adapters.inbound.cli.endings import ExitCode
from adapters.inbound.cli.options import After, Json, Limit, TenantOption, Yes, me, read_secret
from adapters.inbound.cli.setting_options import settings_from, with_setting_options
from adapters.inbound.cli.views import words
from adapters.inbound.cli.views.check_view import failed, print_checks
from adapters.inbound.cli.views.output import data, document, messages, say, table
from adapters.inbound.schema.connections import ConnectionOut, ExaminationOut
from adapters.inbound.schema.readiness import ReadinessOut
from adapters.inbound.schema.schema_base import Nothing, Page
from adapters.inbound.schema.wording import connection_words, test_words
from core.model.connections.connection import Connection, ConnectionSecrets
from core.model.connections.connection_state import ConnectionState
from core.model.connections.settings import CONNECTION_SETTINGS
from core.model.mappings.readiness import Gap
from core.model.shared.finding import Finding
from core.model.shared.moments import day_words

connections = group("connections", "Spectrum companies that a tenant sends to.")
_JOBS_NAMED = 5
_STYLES: Mapping[ConnectionState, str] = {
    ConnectionState.WORKING: "green",
    ConnectionState.NOT_PROVEN: "yellow",
    ConnectionState.WAITING: "yellow",
    ConnectionState.PAUSED: "yellow",
}
_SHOWN_APART = {
    "id",
    "hold",
    "items_hold",
    "last_test",
    "last_write_at",
    "paused",
    "plugins",
    "proven",
    "state",
    "warnings",
}
Slug = Annotated[str, typer.Argument(help="The connection's short name.")]


@connections.command()
@with_setting_options(CONNECTION_SETTINGS)
@answers(ConnectionOut)
def add(
    ctx: typer.Context,
    slug: Annotated[str, typer.Argument(help="Short name: lower-case letters, digits and dashes.")],
    tenant: TenantOption = None,
    authorization_id_env: Annotated[
        str | None,
        typer.Option("--authorization-id-env", metavar="NAME", help="Environment variable with the Authorization ID."),
    ] = None,
    authorization_id_stdin: Annotated[
        bool, typer.Option("--authorization-id-stdin", help="Read the Authorization ID from stdin.")
    ] = False,
    client_id: Annotated[str | None, typer.Option(help="Enhanced authentication: the client id.")] = None,
    client_secret_env: Annotated[
        str | None,
        typer.Option("--client-secret-env", metavar="NAME", help="Environment variable with the client secret."),
    ] = None,
    check: Annotated[bool, typer.Option(help="Try address and secrets before anything is stored.")] = True,
    as_json: Json = False,
    **given: Any,
) -> None:
    """Add a connection. The Authorization ID is asked for, or comes from a variable or stdin.

    \b
    Example:
      jobferry connections add north --name "Spectrum North" \\
          --external-system spectrum --company-code 101 \\
          --endpoint-url https://spectrum.example.com:8482/ws
    """
    connection = Connection(id="", tenant_id="", slug=slug, **settings_from(CONNECTION_SETTINGS, given))
    authorization = read_secret("Authorization ID", variable=authorization_id_env, from_stdin=authorization_id_stdin)
    secret = read_secret("client secret", variable=client_secret_env) if client_id else None
    secrets = ConnectionSecrets(authorization, client_id, secret)

    async def work(context: CommandContext) -> tuple[str, Connection, Sequence[Finding]]:
        owner = await context.tenant(tenant)
        added = await context.use_cases.add_connection(owner.id, connection, secrets, check=check, by=me())
        return owner.slug, added, await context.use_cases.find_connection.warnings(added)

    owner, added, warnings = carry_out(ctx, work)
    if as_json:
        document(ConnectionOut.of(added, warnings))
        return
    say(f"Connection {added.slug} of {owner} is added: Send Job to {added.name}.")
    for found in warnings:
        messages.print(words.finding(found))
    say(f"jobferry connections test {added.slug} --tenant {owner}", label="Next:", style="bold")


@connections.command()
@answers(ReadinessOut)
async def readiness(
    context: CommandContext,
    slug: Slug,
    tenant: TenantOption = None,
) -> None:
    """List upcoming jobs that would fail if sent now.

    Reads only ServiceTrade. Missing codes that stop sends come first, those of the earliest job before others.

    \b
    Example:
      jobferry connections readiness north
    """
    found = await context.use_cases.check_readiness((await context.tenant(tenant)).id, slug)
    if context.as_json:
        document(ReadinessOut.of(slug, found))
        return
    if found.gaps:
        columns = ("Missing or wrong code of", "ServiceTrade id", "Name", "Code", "Earliest job (UTC)", "Jobs")
        data.print(table(columns, (_gap_row(gap) for gap in found.gaps), whole=("ServiceTrade id",)))
    for job in found.incomplete:
        say(f"Job {job.number or job.id} names no customer or no location.")
    say(f"{found.failing} of {found.jobs} upcoming jobs would fail if they were sent now.")
    if found.partial:
        say("Not all upcoming jobs were read. Fix these first, then run the command again.")


def _gap_row(gap: Gap) -> list[str]:
    jobs = ", ".join(job.number or job.id for job in gap.jobs[:_JOBS_NAMED])
    more = f" and {len(gap.jobs) - _JOBS_NAMED} more" if len(gap.jobs) > _JOBS_NAMED else ""
    day = day_words(gap.earliest) if gap.earliest else "-"
    return [gap.kind.value, gap.record.id, gap.record.name, gap.refused or "none", day, jobs + more]


@connections.command("list")
@answers(Page[ConnectionOut])
async def list_(context: CommandContext, tenant: TenantOption = None, limit: Limit = 50, after: After = None) -> None:
    """List a tenant's connections and their state, oldest first.

    \b
    Example:
      jobferry connections list --tenant cardinal
    """
    owner = await context.tenant(tenant)
    page = await context.use_cases.find_connection.page(owner.id, limit=limit, after=after)
    context.answer_list(
        (ConnectionOut.of(one, page.warnings.get(one.id, ())) for one in page.connections),
        ("Connection", "Name", "Company", "Spectrum", "State"),
        ((one.slug, one.name, one.company_code, str(one.endpoint), _state(one)) for one in page.connections),
        nothing="There is no connection yet. Add one: jobferry connections add --help",
        next_after=page.next_after,
    )


@connections.command()
@answers(ConnectionOut)
async def show(context: CommandContext, slug: Slug, tenant: TenantOption = None) -> None:
    """Show a connection's settings, without its secrets.

    \b
    Example:
      jobferry connections show north
    """
    _, found = await context.both(tenant, slug)
    warnings = await context.use_cases.find_connection.warnings(found)
    shown = ConnectionOut.of(found, warnings)
    if context.as_json:
        document(shown)
        return
    plain = shown.model_dump(mode="json", exclude=_SHOWN_APART)
    rows: list[list[str | Text]] = [[key.replace("_", " "), _plainly(value)] for key, value in plain.items()]
    rows.append(["plugins", ", ".join(use.name for use in found.plugins) or "-"])
    rows.append(["state", _state(found)])
    rows.append(["last test", test_words(found)])
    data.print(table((f"Connection {found.slug}", ""), rows))
    holds = [hold.finding for hold in (found.hold, found.items_hold) if hold]
    for one in (*holds, *warnings):
        data.print(words.finding(one))


@connections.command("test")
@answers(ExaminationOut)
async def examine(context: CommandContext, slug: Slug, tenant: TenantOption = None) -> None:
    """Test a connection step by step, without writing.

    Every failed step comes with its fix.

    \b
    Example:
      jobferry connections test north
    """
    owner = await context.tenant(tenant)
    steps = [step async for step in context.use_cases.examine_connection(owner.id, slug, by=me())]
    context.answer(ExaminationOut.of(slug, steps), lambda: print_checks("Step", steps))
    if failed(steps):
        raise typer.Exit(ExitCode.REMOTE_SYSTEM)


@connections.command("rotate-secret")
@answers(ConnectionOut)
async def rotate_secret(context: CommandContext, slug: Slug, tenant: TenantOption = None) -> None:
    """Let Spectrum make a new client secret, if it can.

    The old secret stays until the new one has worked. Other programs that use the same client need the new one too.

    \b
    Example:
      jobferry connections rotate-secret north
    """
    owner = await context.tenant(tenant)
    found = await context.use_cases.rotate_secret(owner.id, slug, by=me())
    ends = found.client_secret_expires_at
    text = f"Connection {slug} has a new client secret{f', until {words.moment(ends)} UTC' if ends else ''}."
    context.answer(ConnectionOut.of(found), text)


@connections.command()
@answers(ConnectionOut)
async def pause(context: CommandContext, slug: Slug, tenant: TenantOption = None) -> None:
    """Pause a connection; its sends wait.

    \b
    Example:
      jobferry connections pause north
    """
    await _set_paused(context, slug, tenant, paused=True)


@connections.command()
@answers(ConnectionOut)
async def resume(context: CommandContext, slug: Slug, tenant: TenantOption = None) -> None:
    """End a pause, or a hold whose cause is fixed.

    \b
    Example:
      jobferry connections resume north
    """
    await _set_paused(context, slug, tenant, paused=False)


@connections.command()
@answers(Nothing)
def remove(
    ctx: typer.Context, slug: Slug, tenant: TenantOption = None, yes: Yes = False, as_json: Json = False
) -> None:
    """Remove a connection with its sends and secrets, for good.

    Jobferry remembers what it posted. If you add the connection again, nothing is posted twice.

    \b
    Example:
      jobferry connections remove north --tenant cardinal
    """
    if not yes:
        typer.confirm(f"Remove the connection {slug} with all its sends, for good?", abort=True, err=True)

    async def work(context: CommandContext) -> None:
        owner = await context.tenant(tenant)
        await context.use_cases.remove_connection(owner.id, slug, version=None, by=me())

    carry_out(ctx, work)
    if as_json:
        document(Nothing())
    else:
        say(f"The connection {slug} is removed.")


async def _set_paused(context: CommandContext, slug: str, tenant: str | None, *, paused: bool) -> None:
    owner = await context.tenant(tenant)
    found = await context.use_cases.pause_connection(owner.id, slug, paused=paused, by=me())
    now = "paused; its sends wait" if paused else "resumed" if found.hold is None else "resumed, but still waits"
    text = f"Connection {slug} is {now}."
    context.answer(ConnectionOut.of(found), text)


def _state(connection: Connection) -> Text:
    return Text(connection_words(connection), _STYLES.get(connection.state, "bold red"))


def _plainly(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_plainly(inner)}" for key, inner in value.items()) or "-"
    if isinstance(value, list):
        return "; ".join(map(_plainly, value)) or "-"
    if value is True or value is False:
        return "yes" if value else "no"
    return str(value).strip() if value else "-"
