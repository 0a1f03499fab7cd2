"""`jobferry plugins`: the rules that connections may use."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.text import Text

from adapters.inbound.cli.command_context import CommandContext, group
from adapters.inbound.cli.commands.plugin_use import defaults, drop, rehearse, use
from adapters.inbound.cli.options import Json
from adapters.inbound.cli.views.output import data, document, document_list, say, table
from adapters.inbound.schema.connections.plugins import PluginOut, PluginSchemaOut

plugins = group("plugins", "Rules that connections may use.")


@plugins.command("list")
async def list_(context: CommandContext, as_json: Json = False) -> None:
    """List installed plugins, and those that failed to load.

    A few built-in rules always run. Any other plugin runs only on connections that use it.
    """
    found, problems = context.use_cases.list_plugins(), context.use_cases.list_plugins.problems()
    if as_json:
        document_list([PluginOut.of(card) for card in found])
    else:
        rows: list[list[str | Text]] = [
            [card.name, card.version, card.summary, "always runs" if card.always_runs else card.source]
            for card in found
        ]
        data.print(table(("Plugin", "Version", "What it does", "From"), rows, whole=("Plugin",)))
        for card in found:
            for note in card.notes:
                say(f"{card.name}: {note}", label="Note:", style="yellow")
    for problem in problems:
        say(f"{problem.source} cannot be used. {problem.message}")
        say(problem.fix, label="To do:", style="bold")


@plugins.command()
async def show(
    context: CommandContext,
    plugin: Annotated[str, typer.Argument(metavar="PLUGIN", help="Its name; see `jobferry plugins list`.")],
    as_json: Json = False,
) -> None:
    """Show a plugin, its hooks and its settings.

    With --json the settings are a JSON Schema.
    """
    card = context.use_cases.list_plugins.find(plugin)
    if as_json:
        document(PluginSchemaOut.of(card))
        return
    say(f"{card.name} {card.version}: {card.summary}")
    say(", ".join(card.hooks), label="Hooks:", style="bold")
    settings = (card.schema or {}).get("properties", {})
    if not settings:
        say("It takes no configuration.")
        return
    required = (card.schema or {}).get("required", [])
    rows = [
        (name, "needed" if name in required else json.dumps(about.get("default")), str(about.get("description", "")))
        for name, about in settings.items()
    ]
    data.print(table(("Setting", "Default", "What it is"), rows, whole=("Setting",)))


plugins.command()(use)
plugins.command()(drop)
plugins.command()(defaults)
plugins.command()(rehearse)
