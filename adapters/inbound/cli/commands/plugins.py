"""`jobferry plugins`: the rules that connections may use, and what another one would change."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.text import Text

from adapters.inbound.cli.answers import answers
from adapters.inbound.cli.command_context import CommandContext, group
from adapters.inbound.cli.endings import ExitCode
from adapters.inbound.cli.options import ConnectionOption, TenantOption, me
from adapters.inbound.cli.views import words
from adapters.inbound.cli.views.output import data, say, table, tell_failure
from adapters.inbound.schema.connections import ConnectionOut
from adapters.inbound.schema.plugins import RehearsalOut
from adapters.inbound.schema.tenants import TenantOut
from core.model.connections.connection import Connection
from core.model.connections.settings import PluginUse
from core.model.plugins.plugin import use_of, with_plugin, without_plugin
from core.model.plugins.rehearsal import Rehearsal, RehearsedJob
from core.model.shared.errors import BadInput, FieldError
from core.model.tenants.tenant import Tenant

plugins = group("plugins", "Rules that connections may use.")


def _json_object(text: str) -> dict[str, Any]:
    """Raises BadInput if the text is not a JSON object."""
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise BadInput(
            "The value of --config is not a JSON object.",
            fix='Write it like --config \'{"letter": "W"}\', in single quotes.',
            errors=[FieldError("--config", "a JSON object")],
        )
    return found


Name = Annotated[str, typer.Argument(metavar="PLUGIN", help="The plugin's name; see `jobferry plugins list`.")]
Config = Annotated[
    dict[str, Any] | None,
    typer.Option(
        "--config", metavar="JSON", parser=_json_object, help='Its configuration, such as \'{"letter": "W"}\'.'
    ),
]
Off = Annotated[list[str] | None, typer.Option("--off", metavar="HOOK", help="Switch off this hook; may be repeated.")]
First = Annotated[bool, typer.Option("--first", help="Call it before the connection's other plugins.")]


@plugins.command()
@answers(ConnectionOut)
async def use(
    context: CommandContext,
    plugin: Name,
    config: Config = None,
    off: Off = None,
    first: First = False,
    tenant: TenantOption = None,
    connection: ConnectionOption = None,
) -> None:
    """Let a connection use a plugin, or change its settings.

    A plugin that the connection already uses keeps its place and every setting that is not given here.

    \b
    Example:
      jobferry plugins use west --connection north --config '{"letter": "W"}'
    """
    owner, target = await context.both(tenant, connection)
    plugins = _with(target.plugins, plugin, config, off, first=first)
    await _save(context, owner, target, plugins)


@plugins.command()
@answers(ConnectionOut)
async def drop(
    context: CommandContext,
    plugin: Name,
    tenant: TenantOption = None,
    connection: ConnectionOption = None,
) -> None:
    """Remove a plugin from a connection.

    \b
    Example:
      jobferry plugins drop west --connection north
    """
    owner, target = await context.both(tenant, connection)
    await _save(context, owner, target, _without(target, plugin))


@plugins.command()
@answers(TenantOut)
async def defaults(context: CommandContext, plugin: Name, config: Config = None, tenant: TenantOption = None) -> None:
    """Set or remove a plugin's defaults for a tenant.

    They apply to connections that set nothing else. Without --config they are removed.

    \b
    Example:
      jobferry plugins defaults west --tenant cardinal --config '{"letter": "W"}'
    """
    owner = await context.tenant(tenant)
    changed = await context.use_cases.change_tenant(owner, owner.with_plugin_defaults({plugin: config}), by=me())
    context.answer(TenantOut.of(changed), f"Defaults of {changed.slug}: {json.dumps(changed.plugin_defaults)}")


@plugins.command()
@answers(RehearsalOut)
async def rehearse(
    context: CommandContext,
    plugin: Name,
    config: Config = None,
    off: Off = None,
    first: First = False,
    without: Annotated[bool, typer.Option("--without", help="Show the effect of removing it.")] = False,
    last: Annotated[int, typer.Option(help="How many of the latest sent jobs.", min=1, max=100)] = 20,
    job: Annotated[
        list[str] | None,
        typer.Option("--job", metavar="JOB", help="Use this job, by number or id, instead; may be repeated."),
    ] = None,
    tenant: TenantOption = None,
    connection: ConnectionOption = None,
) -> None:
    """Show what a plugin would change on the latest sent jobs.

    Nothing is sent and nothing is saved. Items are planned as for a completed job of which nothing was posted yet.

    \b
    Example:
      jobferry plugins rehearse west --connection north --last 50
    """
    owner, target = await context.both(tenant, connection)
    plugins = _without(target, plugin) if without else _with(target.plugins, plugin, config, off, first=first)
    rehearsal = await context.use_cases.rehearse_plugins(owner.id, target.slug, plugins, last=last, job_ids=job or ())
    context.answer(RehearsalOut.of(rehearsal), lambda: _print(rehearsal))
    if rehearsal.newly_failing or rehearsal.stopped or rehearsal.unreadable == len(rehearsal.jobs) > 0:
        raise typer.Exit(ExitCode.FAILED)
    if rehearsal.unreadable:
        raise typer.Exit(ExitCode.PARTLY_DONE)


def _with(
    uses: Sequence[PluginUse],
    name: str,
    config: dict[str, Any] | None,
    off: list[str] | None,
    *,
    first: bool,
) -> tuple[PluginUse, ...]:
    before = use_of(uses, name) or PluginUse(name)
    hooks = before.hooks if off is None else dict.fromkeys(off, False)
    return with_plugin(uses, PluginUse(name, before.config if config is None else config, hooks), first=first)


def _without(connection: Connection, name: str) -> tuple[PluginUse, ...]:
    if use_of(connection.plugins, name) is None:
        raise BadInput(
            f"The connection {connection.slug} does not use the plugin {name}.",
            fix="To see what it uses: jobferry connections show.",
        )
    return without_plugin(connection.plugins, name)


async def _save(context: CommandContext, owner: Tenant, connection: Connection, plugins: tuple[PluginUse, ...]) -> None:
    saved = await context.use_cases.change_connection.plugins(
        owner.id, connection.slug, plugins, version=connection.version, by=me()
    )
    used = " > ".join(use.name for use in saved.plugins) or "only those that always run"
    context.answer(ConnectionOut.of(saved), f"Plugins of {saved.slug}, in the order of their calls: {used}.")


def _print(rehearsal: Rehearsal) -> None:
    for job in rehearsal.jobs:
        if job.changed or job.problem:
            data.print(Text(_headline(job), "bold red" if job.newly_failing or job.problem else "bold"))
            rows = [(one.field, one.before, one.after, words.origin(one.origin)) for one in job.fields]
            for item in job.items:
                rows += [
                    (f"{item.item_name}: {one.field}", one.before, one.after, words.origin(one.origin))
                    for one in item.changes
                ]
            if rows:
                data.print(table(("What", "Now", "Then", "Where it comes from"), rows))
            for found in (*job.blockers_new, *([job.problem] if job.problem else [])):
                data.print(words.finding(found))
            for found in job.blockers_gone:
                data.print(Text(f"No longer blocks: {found.message}", "green"))
            data.print()
    total = len(rehearsal.jobs)
    if not total:
        say("No job was sent on this connection yet; name one with --job.")
        return
    unread = f", {rehearsal.unreadable} could not be read" if rehearsal.unreadable else ""
    changed = f"{rehearsal.changed} of {total} jobs would change"
    say(f"{changed}, {rehearsal.newly_failing} would fail{unread}. Nothing was sent.")
    if rehearsal.stopped:
        tell_failure(f"{rehearsal.stopped} The others were not tried.", label="Stopped:", style="bold red")


def _headline(job: RehearsedJob) -> str:
    name = f"Job {job.job_number or job.job_id}"
    if job.problem:
        return f"{name} could not be read"
    if job.newly_failing:
        return f"{name} would fail"
    return f"{name} would pass now" if job.newly_passing else f"{name} would change"
