"""Prints what an import of aliases did, or would do."""

from __future__ import annotations

from adapters.inbound.cli.views.output import data, say, table
from core.model.mappings.alias_change import AliasChanges

_MOST_SHOWN = 50


def print_import(changes: AliasChanges, connection: str, *, imported: bool) -> None:
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
        say(f"line {cell.line}{f', {cell.column}' if cell.column else ''}: {cell.detail}", label="Wrong:", style="red")
    counts = f"{len(changes.added)} new, {len(changes.changed)} changed, {changes.unchanged} unchanged"
    if imported:
        say(f"Imported to {connection}: {counts}.")
    elif changes.wrong:
        say(f"Nothing in this file would be imported: {len(changes.wrong)} wrong. The rest: {counts}.")
    else:
        say(f"Importing this file to {connection} would give: {counts}. Nothing was changed.")
