"""Prints cost lines: what would be posted, what is left out, what each choice of items would post."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.text import Text

from adapters.inbound.cli.views.output import table
from core.model.planning.line_plan import LinePlan
from core.model.planning.plan import SendPlan
from core.model.shared.figures import plain
from core.model.work_orders.cost_line import ItemsMode, LedgerLine, LinePurpose, LineState
from core.model.work_orders.line_words import line_words

_PURPOSE = {
    LinePurpose.NEW: "new",
    LinePurpose.AGAIN: "again",
    LinePurpose.CORRECTION: "correction",
    LinePurpose.REVERSAL: "reversal",
}
_STATE_STYLE = {
    LineState.POSTED: "green",
    LineState.REJECTED: "bold red",
    LineState.IN_DOUBT: "bold yellow",
    LineState.SENDING: "yellow",
}


def print_items(console: Console, plan: SendPlan) -> None:
    """Print the items of a plan, if items were asked for."""
    if plan.lines:
        rows: list[list[str | Text]] = [
            [
                line.kind.value.replace("_", " "),
                line.code,
                line.item_name,
                "" if line.quantity is None else plain(line.quantity),
                "" if line.amount is None else plain(line.amount),
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


def print_ledger(console: Console, lines: Sequence[LedgerLine]) -> None:
    if lines:
        rows: list[list[str | Text]] = [
            [
                line.id,
                line_words(line),
                Text(line.state.value.replace("_", " "), _STATE_STYLE.get(line.state, "")),
                line.settled_reason or "",
            ]
            for line in lines
        ]
        console.print(table(("Line", "", "State", "Reason given"), rows, whole=("Line",)))
