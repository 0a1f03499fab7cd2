"""Cost lines: the fields of an item's line, and the line's state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from core.model.shared.finding import Finding
from core.model.shared.origin import Origin
from core.model.work_orders.item import ItemKind
from core.model.work_orders.spectrum_field import FieldType, SpectrumField
from core.model.work_orders.spectrum_fields import LINES, SPECTRUM_FIELDS
from core.model.work_orders.work_order import AUTHORIZATION_ID, COMPANY_CODE, GUID, NUMBER

ITEM_CODE, ITEM_TEXT, WAREHOUSE, QUANTITY = "Item_Code", "Item_Description", "Warehouse_Code", "Quantity_Used"
UNIT, UNIT_COST, UNIT_PRICE, EXTENSION = "Unit_Of_Measure", "Unit_Cost", "Unit_Price", "Extension"
CHARGE_CODE, CHARGE_TEXT, COST, SELL_PRICE = "Other_Cost_Item", "Description", "Cost_Of_Sales_Amount", "Sell_Price"
TASK_CODE, TASK_QUANTITY, TASK_PRICE = "Work_Task", "Quantity", "Task_Price"
NON_STOCK = "!"
"""A leading `!` in the item code: an item without inventory. Only such an item has its own cost and text."""

_NOT_OF_THE_LINE = frozenset({AUTHORIZATION_ID, GUID, COMPANY_CODE, NUMBER})
_FIELDS: Mapping[ItemKind, tuple[SpectrumField, ...]] = {
    kind: tuple(one for one in SPECTRUM_FIELDS[service] if one.name not in _NOT_OF_THE_LINE)
    for kind, service in LINES.items()
}
LINE_LENGTHS: Mapping[ItemKind, Mapping[str, int]] = {
    kind: {one.name: one.length for one in declared} for kind, declared in _FIELDS.items()
}
"""Every field of a line except sign-in, company and work order number, in Spectrum's order."""

WHOLE_DIGITS: Mapping[str, int] = {
    one.name: int(one.format.removeprefix("-").partition(".")[0])
    for declared in _FIELDS.values()
    for one in declared
    if one.type is FieldType.NUMERIC
}
"""Numeric fields and their digits before the point; two decimals and a minus sign are allowed."""

ADDS_UP: Mapping[ItemKind, tuple[str, ...]] = {
    ItemKind.MATERIAL: (QUANTITY, EXTENSION),
    ItemKind.OTHER_CHARGE: (COST, SELL_PRICE),
    ItemKind.TASK: (TASK_QUANTITY, TASK_PRICE),
}
"""Fields that are summed over all lines of an item; a correction holds the difference. A task has no correction:
Spectrum takes no negative quantity for it."""

TEXTS = frozenset({ITEM_TEXT, CHARGE_TEXT})
"""Text for people. Every other text field holds a code."""

CODES: Mapping[ItemKind, str] = {
    ItemKind.MATERIAL: ITEM_CODE,
    ItemKind.OTHER_CHARGE: CHARGE_CODE,
    ItemKind.TASK: TASK_CODE,
}
SAME_LINE: Mapping[ItemKind, tuple[str, ...]] = {
    kind: tuple(name for name in lengths if name not in TEXTS and name not in ADDS_UP[kind])
    for kind, lengths in LINE_LENGTHS.items()
}
"""The fields that identify a line: its code, warehouse, unit, phase, costs and flags. If one of these differs, a
correction is impossible: the old line is reversed and a new one posted."""

_CORE = Origin("core")


class ItemsMode(StrEnum):
    """Which items of a completed job are sent. Our ledger holds what the job's earlier sends posted."""

    NONE = "none"
    """No items"""
    NEW_ONLY = "new_only"
    """Only items that are not posted yet."""
    DIFFERENCE = "difference"
    """Also lines that correct changed quantities and amounts, and that reverse removed items."""
    AGAIN = "again"
    """All items again, which makes a second set in Spectrum."""


class LineState(StrEnum):
    """Whether a cost line is in Spectrum."""

    PLANNED = "planned"
    """Not sent yet"""
    SENDING = "sending"
    """Its call is under way"""
    POSTED = "posted"
    """In Spectrum"""
    REJECTED = "rejected"
    """Spectrum refused it"""
    IN_DOUBT = "in_doubt"
    """It may be in Spectrum or not"""
    NOT_POSTED = "not_posted"
    """Not in Spectrum, as a person or evidence says"""

    @property
    def open(self) -> bool:
        """It is not in Spectrum, so a later plan may post it."""
        return self in (LineState.PLANNED, LineState.REJECTED, LineState.NOT_POSTED)

    @property
    def unclear(self) -> bool:
        """It may or may not be in Spectrum."""
        return self in (LineState.SENDING, LineState.IN_DOUBT)


BY_HAND = "by_hand"
"""The `attempt_id` of a line that a person entered, so no call of ours posted it."""
TO_POST = frozenset({LineState.PLANNED, LineState.NOT_POSTED})
"""The states in which a send posts a line by itself. A rejected line needs a person first."""


class LinePurpose(StrEnum):
    """Why a line is posted."""

    NEW = "new"
    """The first line of its item"""
    AGAIN = "again"
    """The item is posted a second time, on request"""
    CORRECTION = "correction"
    """Adds the difference to what was posted"""
    REVERSAL = "reversal"
    """Takes back what was posted"""


@dataclass(frozen=True, slots=True)
class LineValue:
    """One field of a line and where it comes from."""

    field: str
    value: str
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedLine:
    """A line as a send would post it. `round` counts the lines of one item on one work order, from 0."""

    item_id: str
    item_name: str
    kind: ItemKind
    round: int
    purpose: LinePurpose
    values: tuple[LineValue, ...]

    @property
    def fields(self) -> Mapping[str, str]:
        return {value.field: value.value for value in self.values}

    @property
    def code(self) -> str:
        return self.fields.get(CODES[self.kind], "")

    @property
    def code_origin(self) -> str:
        """The source of the code, '' for none and for that of a non-stock item."""
        return _code_origin(self.kind, self.values)

    @property
    def quantity(self) -> Decimal | None:
        """The quantity that it adds to the item; an other charge has none."""
        return number_in(self.fields, TASK_QUANTITY if self.kind is ItemKind.TASK else QUANTITY)

    @property
    def amount(self) -> Decimal | None:
        """The cost that it adds, None if it has none: stock items take theirs from Spectrum's inventory."""
        if self.kind is ItemKind.OTHER_CHARGE:
            return number_in(self.fields, COST)
        unit_cost = number_in(self.fields, UNIT_COST)
        return None if unit_cost is None or self.quantity is None else unit_cost * self.quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockedItem:
    """An item that cannot be sent now. `kind` is SKIP if unknown; `values` are the known values of its line."""

    item_id: str
    item_name: str
    kind: ItemKind = ItemKind.SKIP
    values: tuple[LineValue, ...] = ()

    @property
    def fields(self) -> Mapping[str, str]:
        return {value.field: value.value for value in self.values}

    @property
    def code_origin(self) -> str:
        """As that of a PlannedLine."""
        return _code_origin(self.kind, self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """An item that is not sent, and why. `code` names the reason for programs."""

    item_id: str
    item_name: str
    item_type: str
    code: str
    reason: str
    origin: Origin = _CORE


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLine:
    """One line in our ledger. (connection, work order, item, round) is its place; at most one row takes a place.

    `attempt_id` names the one call that may have posted it. `send_by` (database time) is the latest time at which that
    call may leave; after `quiet_until` the call can no longer add the line. `sent_at` is when it was begun.

    A line always belongs to the send that planned it (`send_id`, `plan_id`). A send that fails, or ends before it has
    posted the line, gives it back: the row is kept for people to see, and its place is free. A line without a send
    (`send_id` is '') was declared by a person.
    """

    id: str
    tenant_id: str
    connection_id: str
    job_id: str
    work_order_number: str
    item_id: str
    item_name: str
    kind: ItemKind
    round: int
    purpose: LinePurpose
    fields: Mapping[str, str]
    state: LineState
    send_id: str
    place: int = 0
    attempt_id: str | None = None
    sent_at: datetime | None = None
    send_by: datetime | None = None
    quiet_until: datetime | None = None
    settled_at: datetime | None = None
    system_key: str | None = None
    findings: tuple[Finding, ...] = ()
    settled_by: str | None = None
    settled_reason: str | None = None
    plan_id: str = ""
    given_back: bool = False

    @property
    def code(self) -> str:
        """The line's code, '' for an item that was entered by hand under an unknown code."""
        return self.fields.get(CODES.get(self.kind, ""), "")

    @property
    def takes_place(self) -> bool:
        """Whether it counts for its work order. A line that was given back is only kept for people to see."""
        return not self.given_back

    @property
    def owed(self) -> bool:
        """Whether its send still has to post it, or to find out whether it was posted."""
        return self.takes_place and self.state is not LineState.POSTED


def number_in(fields: Mapping[str, str], name: str) -> Decimal | None:
    """The number in a field, None if the field is empty or missing."""
    text = fields.get(name, "")
    return Decimal(text) if text else None


def _code_origin(kind: ItemKind, values: Sequence[LineValue]) -> str:
    found = next((value for value in values if value.field == CODES.get(kind)), None)
    return found.origin.source if found and not found.value.startswith(NON_STOCK) else ""
