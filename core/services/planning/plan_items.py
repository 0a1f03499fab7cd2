"""Plan a job's items: ask the rules in order for each item and fold their answers."""

from __future__ import annotations

from collections.abc import Sequence

from core.model.connections.connection import Connection
from core.model.planning.draft import LineDraft
from core.model.planning.fold import view_of
from core.model.planning.job import JobSnapshot
from core.model.planning.line_fold import FoldedItem, fold_item
from core.model.work_orders.item import LABOR, JobItem
from ports.rules import Rule, Rules


async def plan_items(
    rules: Rules, connection: Connection, job: JobSnapshot, items: Sequence[JobItem], asked: dict[str, Rule]
) -> Sequence[FoldedItem]:
    """One decision for each item, in the job's order. `asked` collects the rules that were asked."""
    view = view_of(connection)
    return [fold_item(await _ask_rules(rules, LineDraft(job, view, item), connection, asked)) for item in items]


async def _ask_rules(rules: Rules, draft: LineDraft, connection: Connection, asked: dict[str, Rule]) -> LineDraft:
    if draft.item.type == LABOR:
        return draft  # decided already, so no rule is asked
    for hook in ("include_item", "map_line"):
        for rule in rules.chain(connection, hook):
            if draft.left_out:
                return draft
            asked[rule.name] = rule
            if (answer := await rules.ask_line(hook, rule, draft)) is not None:
                draft = draft.with_answer(answer, rule.name, rule.version, tidies=rule.tidies)
    return draft
