"""Cost lines in answers: planned lines, ledger lines, and items that are left out. Numbers are strings."""

from __future__ import annotations

from decimal import Decimal

from adapters.inbound.schema.findings import FindingOut
from adapters.inbound.schema.origins import OriginOut
from adapters.inbound.schema.schema_base import Moment, Output
from core.model.planning.line_plan import LinePlan
from core.model.shared.figures import plain
from core.model.work_orders.cost_line import LedgerLine, LeftOut, LinePurpose, LineState, PlannedLine
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
    quantity: str | None
    amount: str | None
    fields: list[LineValueOut]

    @classmethod
    def of(cls, line: PlannedLine) -> PlannedLineOut:
        return cls(
            item_id=line.item_id,
            item_name=line.item_name,
            kind=line.kind,
            round=line.round,
            purpose=line.purpose,
            code=line.code,
            quantity=_figure(line.quantity),
            amount=_figure(line.amount),
            fields=[LineValueOut(field=v.field, value=v.value, origin=OriginOut.of(v.origin)) for v in line.values],
        )


class LeftOutOut(Output):
    """An item that is not posted. `code` is the reason for programs, `reason` for people."""

    item_id: str
    item_name: str
    item_type: str
    code: str
    reason: str
    origin: OriginOut

    @classmethod
    def of(cls, left: LeftOut) -> LeftOutOut:
        return cls(
            item_id=left.item_id,
            item_name=left.item_name,
            item_type=left.item_type,
            code=left.code,
            reason=left.reason,
            origin=OriginOut.of(left.origin),
        )


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
    def of(cls, line: LedgerLine) -> LedgerLineOut:
        return cls(
            id=line.id,
            item_id=line.item_id,
            item_name=line.item_name,
            kind=line.kind,
            round=line.round,
            purpose=line.purpose,
            words=line_words(line),
            work_order_number=line.work_order_number,
            fields=dict(line.fields),
            state=line.state,
            sent_at=line.sent_at,
            system_key=line.system_key,
            findings=[FindingOut.of(found) for found in line.findings],
            settled_by=line.settled_by,
            settled_reason=line.settled_reason,
            settled_at=line.settled_at,
        )


def _figure(number: Decimal | None) -> str | None:
    return None if number is None else plain(number)
