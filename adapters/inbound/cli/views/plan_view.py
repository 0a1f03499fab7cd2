"""Prints a send plan: a sentence, the fields with their origins, and what blocks it."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from adapters.inbound.cli.views import words
from adapters.inbound.cli.views.line_view import print_items
from adapters.inbound.cli.views.output import table
from core.model.planning.items_held import ITEMS_UNKNOWN
from core.model.planning.plan import HeaderValue, SendPlan


def print_plan(console: Console, plan: SendPlan, connection_name: str) -> None:
    console.print(_headline(plan, connection_name))
    shown = [value for value in plan.header if value.value or value.source_value or value.previous]
    if shown:
        resent = any(value.previous is not None for value in shown)
        columns = ("Field", "Value", "Where it comes from", *(["Sent before"] if resent else []))
        console.print(table(columns, (_row(value, resent) for value in shown)))
    print_items(console, plan)
    if plan.items_held:
        console.print(Text("Its items wait; the work order is sent. See the warning below.", "bold yellow"))
        if plan.items_held.code == ITEMS_UNKNOWN:
            console.print(f"jobferry jobs items-stand {plan.job_id}", style="bold")
    for found in plan.findings:
        console.print(words.finding(found))
        console.print()


def _headline(plan: SendPlan, connection_name: str) -> Text:
    if not plan.sendable:
        count = len(plan.blockers)
        block = "1 problem blocks" if count == 1 else f"{count} problems block"
        return Text(f"This job cannot be sent to {connection_name} yet: {block} it.", "bold red")
    if plan.creates:
        return Text(f"This would create work order {plan.number} in {connection_name}.", "bold")
    changed = sum(value.changes for value in plan.header)
    how = f"change {changed} of its fields" if changed else "write the same values as last time"
    return Text(f"Work order {plan.number} is in {connection_name} already; this would {how}.", "bold")


def _row(value: HeaderValue, resent: bool) -> list[str | Text]:
    row: list[str | Text] = [value.field, Text(value.value or "(not changed)", "bold" if value.changes else "dim")]
    row.append(words.origin(value.origin))
    if resent:
        same = value.previous == value.value
        row.append(Text("the same", "dim") if same else Text(value.previous or "", "yellow"))
    return row
