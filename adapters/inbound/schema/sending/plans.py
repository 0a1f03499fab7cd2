"""Previews: every field and cost line that a send would write, where each comes from, and what blocks the send. Numbers
are strings."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Self

from adapters.inbound.schema.findings import FindingOut, OriginOut
from adapters.inbound.schema.schema_base import Figure, Input, Items, Moment, Output, Text
from core.model.catalogue import advised
from core.model.planning.line_plan import LinePlan
from core.model.planning.plan import RuleUsed, SendPlan
from core.model.sending.moment import outcome_in_preview
from core.model.shared.advice import Door
from core.model.shared.figures import plain
from core.model.work_orders.cost_line import ItemsMode, LedgerLine, LinePurpose, LineState, PlannedLine
from core.model.work_orders.item import ItemKind
from core.model.work_orders.line_words import line_words
from core.services.planning.prepare_send import SendPreview


class LineValueOut(Output):
    field: str
    value: str
    origin: OriginOut


class PlannedLineOut(Output):
    """`round` counts the lines of one item from 0. `amount` is the cost it adds, null if Spectrum sets the cost."""

    item_id: str
    item_name: str
    kind: ItemKind
    round: int
    purpose: LinePurpose
    code: str
    quantity: Figure | None
    amount: Figure | None
    fields: list[LineValueOut]

    @classmethod
    def of(cls, line: PlannedLine) -> Self:
        return super().of(line, fields=line.values)


class LeftOutOut(Output):
    """An item that is not posted. `code` is the reason for programs, `reason` for people."""

    item_id: str
    item_name: str
    item_type: str
    code: str
    reason: str
    origin: OriginOut


class ChoiceOut(Output):
    """What one choice of items would post now. `amount` is the sum of the costs in its lines."""

    lines: int
    amount: str
    words: list[str]
    blocked: bool

    @classmethod
    def of(cls, plan: LinePlan) -> ChoiceOut:
        amounts = (line.amount for line in plan.lines)
        return cls(
            lines=len(plan.lines),
            amount=plain(sum((amount for amount in amounts if amount is not None), Decimal())),
            words=[line_words(line) for line in plan.lines],
            blocked=any(found.blocks for found in plan.findings),
        )


class LedgerLineOut(Output):
    """A line of the ledger. `sent_at` is when its call began. The `settled_...` fields say who settled a doubt."""

    id: str
    item_id: str
    item_name: str
    kind: ItemKind
    round: int
    purpose: LinePurpose
    words: str
    work_order_number: str
    fields: dict[str, str]
    state: LineState
    sent_at: Moment | None
    system_key: str | None
    findings: list[FindingOut]
    settled_by: str | None
    settled_reason: str | None
    settled_at: Moment | None

    @classmethod
    def of(cls, line: LedgerLine) -> Self:
        return super().of(line, words=line_words(line))


class PreviewIn(Input):
    """`completing` previews a send that completes the job first."""

    connection: Text
    items: Items = ItemsMode.NONE
    adopt: bool = False
    completing: bool = False


class HeaderValueOut(LineValueOut):
    """`value` '' does not change the field in Spectrum. `previous` is the value of the last send."""

    previous: str | None
    changes: bool


class RuleOut(Output):
    """A rule that took part. `config_hash` identifies its configuration; null if it had none."""

    name: str
    version: str
    config_hash: str | None

    @classmethod
    def of(cls, rule: RuleUsed) -> Self:
        return super().of(rule, config_hash=rule.config_hash or None)


class PlanOut(Output):
    """`lines` are posted in this order. `left_out` are the items that are not posted, if items were requested.
    `items_held` says why no item may be posted now although the header is sent; null if nothing holds them."""

    job_id: str
    plan_hash: str
    sendable: bool
    work_order_number: str | None
    creates: bool
    adopt: bool
    header: list[HeaderValueOut]
    items: ItemsMode
    lines: list[PlannedLineOut]
    left_out: list[LeftOutOut]
    items_held: FindingOut | None
    findings: list[FindingOut]
    rules: list[RuleOut]

    @classmethod
    def of(cls, plan: SendPlan, **given: Any) -> Self:
        return super().of(
            plan,
            work_order_number=plan.number or None,
            lines=[PlannedLineOut.of(line) for line in plan.lines],
            rules=[RuleOut.of(rule) for rule in plan.rules],
            findings=[advised(found, outcome_in_preview(found), Door.API) for found in plan.findings],
            **given,
        )


class PreviewOut(PlanOut):
    """`choices`: what each choice of items would post now; empty if no items were requested."""

    choices: dict[ItemsMode, ChoiceOut]

    @classmethod
    def of_preview(cls, preview: SendPreview) -> Self:
        return cls.of(preview.plan, choices={mode: ChoiceOut.of(plan) for mode, plan in preview.choices.items()})
