"""Cost lines: what may be sent of an item, and what has become of it.

Field tables in Spectrum's order with their lengths. Source: Spectrum Data Exchange documentation, "Add Work Order
Material Cost" and "Add Work Order Other Charges". A test holds them against the ones the Spectrum adapter builds from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from core.model.shared.finding import Finding
from core.model.shared.origin import Origin
from core.model.work_orders.item import ItemKind

ITEM_CODE, ITEM_TEXT, WAREHOUSE, QUANTITY = "Item_Code", "Item_Description", "Warehouse_Code", "Quantity_Used"
UNIT, UNIT_COST, UNIT_PRICE, EXTENSION = "Unit_Of_Measure", "Unit_Cost", "Unit_Price", "Extension"
CHARGE_CODE, CHARGE_TEXT, COST, SELL_PRICE = "Other_Cost_Item", "Description", "Cost_Of_Sales_Amount", "Sell_Price"
NON_STOCK = "!"
"""A leading `!` in the item code: an item without inventory, the only kind that carries a cost and a text."""

_MATERIAL = {
    ITEM_CODE: 15,
    ITEM_TEXT: 35,
    WAREHOUSE: 10,
    QUANTITY: 11,
    UNIT: 2,
    "GL_Department": 5,
    "Work_Task": 15,
    "Task_Complete": 1,
    "WO_Site_Equipment": 8,
    "Component_Number": 2,
    "SC_Contract": 10,
    "Bill_Customer": 1,
    "Tax_Flag": 1,
    "Show_Invoice_Detail": 1,
    UNIT_COST: 12,
    UNIT_PRICE: 13,
    EXTENSION: 13,
    "Bill_Manufacturer": 1,
    "Mfg_Tax_Flag": 1,
    "Mfg_Code": 10,
    "Mfg_Unit_Price": 13,
    "Phase_Code": 20,
    "Cost_Type": 3,
}
_OTHER_CHARGE = {
    CHARGE_CODE: 15,
    CHARGE_TEXT: 35,
    "GL_Department": 5,
    "Work_Task": 15,
    "Task_Complete": 1,
    "WO_Site_Equipment": 10,
    "Component_Number": 2,
    "Contract_Number": 10,
    "Taxable_Flag": 1,
    COST: 13,
    SELL_PRICE: 13,
    "Phase_Code": 20,
    "Cost_Type": 3,
}
LINE_LENGTHS: Mapping[ItemKind, Mapping[str, int]] = {
    ItemKind.MATERIAL: _MATERIAL,
    ItemKind.OTHER_CHARGE: _OTHER_CHARGE,
}
"""Every field of a line but the sign-in, the company and the work order number."""

WHOLE_DIGITS: Mapping[str, int] = {
    QUANTITY: 7,
    UNIT_COST: 8,
    UNIT_PRICE: 9,
    EXTENSION: 9,
    "Mfg_Unit_Price": 9,
    COST: 9,
    SELL_PRICE: 9,
}
"""Numeric fields and their digits before the point; two may stand after it, and a minus before."""

ADDS_UP: Mapping[ItemKind, tuple[str, ...]] = {
    ItemKind.MATERIAL: (QUANTITY, EXTENSION),
    ItemKind.OTHER_CHARGE: (COST, SELL_PRICE),
}
"""What several lines of one item amount to together; a correction carries the difference."""

TEXTS = frozenset({ITEM_TEXT, CHARGE_TEXT})
"""Text for people; every other text field holds a code."""

CODES: Mapping[ItemKind, str] = {ItemKind.MATERIAL: ITEM_CODE, ItemKind.OTHER_CHARGE: CHARGE_CODE}
SAME_LINE: Mapping[ItemKind, tuple[str, ...]] = {
    kind: tuple(name for name in lengths if name not in TEXTS and name not in ADDS_UP[kind])
    for kind, lengths in LINE_LENGTHS.items()
}
"""All that places a line: its code, warehouse, unit, phase, costs and flags. Where one of these differs, a correction
would not do: the old line is reversed and a new one posted."""

_CORE = Origin("core")


class ItemsMode(StrEnum):
    """Which items of a completed job go along. What a job's earlier sends posted stands in our ledger."""

    NONE = "none"
    NEW_ONLY = "new_only"
    """Only what is not posted yet."""
    DIFFERENCE = "difference"
    """Also changed quantities and amounts, as correcting lines, and items that are gone."""
    AGAIN = "again"
    """Everything once more, which makes a second set in Spectrum."""


class LineState(StrEnum):
    PLANNED = "planned"
    SENDING = "sending"
    POSTED = "posted"
    REJECTED = "rejected"
    IN_DOUBT = "in_doubt"
    NOT_POSTED = "not_posted"

    @property
    def open(self) -> bool:
        """Nothing of it stands in Spectrum, so a later plan may write it anew."""
        return self in (LineState.PLANNED, LineState.REJECTED, LineState.NOT_POSTED)

    @property
    def unclear(self) -> bool:
        """It may or may not stand in Spectrum."""
        return self in (LineState.SENDING, LineState.IN_DOUBT)


BY_HAND = "by_hand"
"""In place of an attempt: no call of ours carried the line, a person entered it."""
TO_POST = frozenset({LineState.PLANNED, LineState.NOT_POSTED})
"""What a send posts by itself. A rejected line waits for a person first."""


class LinePurpose(StrEnum):
    """Why a line is posted."""

    NEW = "new"
    AGAIN = "again"
    CORRECTION = "correction"
    REVERSAL = "reversal"


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
    def quantity(self) -> Decimal | None:
        """What it adds to the item's quantity; an other charge has none."""
        return number_in(self.fields, QUANTITY)

    @property
    def amount(self) -> Decimal | None:
        """The cost it adds, where it carries one: stock items take theirs from Spectrum's inventory."""
        if self.kind is ItemKind.OTHER_CHARGE:
            return number_in(self.fields, COST)
        unit_cost = number_in(self.fields, UNIT_COST)
        return None if unit_cost is None or self.quantity is None else unit_cost * self.quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockedItem:
    """An item that is wanted and cannot go as it stands. `kind` is SKIP where nothing says what it would become;
    `values` are what is known of its line."""

    item_id: str
    item_name: str
    kind: ItemKind = ItemKind.SKIP
    values: tuple[LineValue, ...] = ()

    @property
    def fields(self) -> Mapping[str, str]:
        return {value.field: value.value for value in self.values}


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """An item that does not go along, and why. `code` names the reason for programs."""

    item_id: str
    item_name: str
    item_type: str
    code: str
    reason: str
    origin: Origin = _CORE


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLine:
    """One line in our books. (connection, work order, item, round) is its identity; one row at most takes that place.

    `attempt_id` names the one call that may have carried it; `send_by` (database time) is when that call may leave at
    the latest, `quiet_until` from when on nothing of it can still be under way. `sent_at` is when it was begun.

    A line belongs to the send that planned it (`send_id`, `plan_id`) and to no other, ever. A send that fails, or ends
    without having posted it, gives it back: it stays to be looked at, and its place is free. Without a send
    (`send_id` is ''), a person said that it stands there.
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
        """Empty for an item that was entered by hand under a code nobody told us."""
        return self.fields.get(CODES.get(self.kind, ""), "")

    @property
    def takes_place(self) -> bool:
        """Whether it counts for its work order; what a send gave back is only kept to be looked at."""
        return not self.given_back

    @property
    def owed(self) -> bool:
        """Whether its send still has to post it, or to find out whether it did."""
        return self.takes_place and self.state is not LineState.POSTED


def number_in(fields: Mapping[str, str], name: str) -> Decimal | None:
    """The number a field holds, None if it is empty or not there."""
    text = fields.get(name, "")
    return Decimal(text) if text else None
