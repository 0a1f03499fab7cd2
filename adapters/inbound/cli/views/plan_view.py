"""Prints a send plan: a sentence, the fields with their origins, the lines, and what blocks it."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console
from rich.text import Text

from adapters.inbound.cli.views import words
from adapters.inbound.cli.views.output import table
from core.model.planning.items_held import ITEMS_UNKNOWN
from core.model.planning.line_plan import LinePlan
from core.model.planning.plan import HeaderValue, SendPlan
from core.model.sending.moment import outcome_in_preview
from core.model.shared.figures import money, plain
from core.model.work_orders.annotation import Annotation
from core.model.work_orders.cost_line import ItemsMode, LinePurpose
from core.model.work_orders.line_words import line_words

_PURPOSE = {
    LinePurpose.NEW: "new",
    LinePurpose.AGAIN: "again",
    LinePurpose.CORRECTION: "correction",
    LinePurpose.REVERSAL: "reversal",
}


def print_plan(console: Console, plan: SendPlan, connection_name: str) -> None:
    console.print(_headline(plan, connection_name))
    shown = [value for value in plan.header if value.value or value.source_value or value.previous]
    if shown:
        resent = any(value.previous is not None for value in shown)
        columns = ("Field", "Value", "Where it comes from", *(["Sent before"] if resent else []))
        console.print(table(columns, (_row(value, resent) for value in shown)))
    if plan.annotations:
        rows = [_annotation_row(one) for one in plan.annotations]
        console.print(table(("Beside it", "Text", "Where it comes from", "Written before"), rows))
    _print_items(console, plan)
    if plan.items_held:
        console.print(Text("Its items wait; the work order is sent. See the warning below.", "bold yellow"))
        if plan.items_held.code == ITEMS_UNKNOWN:
            console.print(f"jobferry jobs items-stand {plan.job_id}", style="bold")
    for found in plan.findings:
        console.print(words.finding(found, outcome_in_preview(found)))
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


def _annotation_row(one: Annotation) -> list[str | Text]:
    name = f"{one.kind.value} in {one.place}" + (", added" if one.appends else "")
    text = Text(one.shown if one.due else "(not written)", "bold" if one.changes else "dim")
    same = one.previous == one.text
    return [name, text, words.origin(one.origin), Text("the same", "dim") if same else one.previous or "-"]


def _print_items(console: Console, plan: SendPlan) -> None:
    """Print the items of a plan, if items were asked for."""
    if plan.lines:
        rows: list[list[str | Text]] = [
            [
                line.kind.value.replace("_", " "),
                line.code,
                line.item_name,
                "" if line.quantity is None else plain(line.quantity),
                "" if line.amount is None else money(plain(line.amount)),
                _PURPOSE[line.purpose],
            ]
            for line in plan.lines
        ]
        console.print(table(("Line", "Code", "Item", "Quantity", "Cost", ""), rows))
    elif plan.items is not ItemsMode.NONE and plan.sendable:
        console.print("No item would be posted.")
    if plan.left_out:
        rows = [[left.item_name or left.item_id, left.item_type, left.reason] for left in plan.left_out]
        console.print(table(("Left out", "Type", "Why"), rows))


def print_choices(console: Console, choices: Mapping[ItemsMode, LinePlan]) -> None:
    if not choices:
        return
    rows: list[list[str | Text]] = []
    for mode, plan in choices.items():
        blocked = any(found.blocks for found in plan.findings)
        posts = "; ".join(line_words(line) for line in plan.lines) or "nothing"
        rows.append([mode.value, str(len(plan.lines)), "cannot be sent yet" if blocked else posts])
    console.print(table(("--items", "Lines", "What it would post"), rows))
