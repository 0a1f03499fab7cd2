"""Cost lines in answers: planned lines, ledger lines, and items that are left out. Numbers are strings."""

from __future__ import annotations

from decimal import Decimal
from typing import Self

from adapters.inbound.schema.findings import FindingOut, OriginOut
from adapters.inbound.schema.schema_base import Figure, Moment, Output
from core.model.planning.line_plan import LinePlan
from core.model.shared.figures import plain
from core.model.work_orders.cost_line import LedgerLine, LinePurpose, LineState, PlannedLine
from core.model.work_orders.item import ItemKind
from core.model.work_orders.line_words import line_words


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
