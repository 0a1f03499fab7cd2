"""A job's items as in ServiceTrade, and what each type of item becomes in Spectrum."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

from core.model.shared.text import composed


class ItemKind(StrEnum):
    """What an item becomes in Spectrum."""

    MATERIAL = "material"
    """A material line"""
    OTHER_CHARGE = "other_charge"
    """A line of other charges"""
    SKIP = "skip"
    """Nothing: the item is left out"""
    TASK = "task"
    """A work order task, made from a service of the job and never from an item"""


LABOR = "labor"
"""Hours are entered in Spectrum directly. No setting or rule can change that."""

DEFAULT_KINDS: Mapping[str, ItemKind] = MappingProxyType(
    {
        "part": ItemKind.MATERIAL,
        "material": ItemKind.MATERIAL,
        "equipment": ItemKind.MATERIAL,
        "fee": ItemKind.OTHER_CHARGE,
        "subcontractor": ItemKind.OTHER_CHARGE,
        "general conditions": ItemKind.OTHER_CHARGE,
        "other": ItemKind.OTHER_CHARGE,
        "inspection": ItemKind.SKIP,
        "service": ItemKind.SKIP,
        LABOR: ItemKind.SKIP,
    }
)


ItemMember = Literal["type", "quantity", "cost", "code", "external_id"]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A member of an item that ServiceTrade sent in an unknown form."""

    member: ItemMember
    """Its name: `type`, `quantity`, `cost`, `code` or `external_id`."""
    value: str
    """What came, in short."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobItem:
    """One item of a job. Figures are exact (Decimal). Rules are never asked about labor."""

    id: str
    """ServiceTrade's id of the item on this job. Never empty."""
    name: str
    """As it is shown on the job; '' if it has none. Two items may have the same."""
    type: str
    """The library item's type in one spelling: small letters, spaces (`part`, `fee`, `general conditions`). '' if the
    item is not from the library, or the library item has no type."""
    quantity: Decimal | None
    """In the item's own unit. May be negative or have decimals. None: ServiceTrade has none."""
    cost: Decimal | None
    """Cost of one unit, in the company's currency. 0 is a cost. None: ServiceTrade has none, which blocks a charge."""
    code: str = ""
    """The library item's own code. '' if it has none."""
    external_id: str | None = None
    """The library item's external id under the connection's system name; it comes before `code`. None: not set."""
    source: str = ""
    """Where the item came from in ServiceTrade: its kind of record, such as `quote`. '' if it does not say."""
    service_line: str = ""
    """The item's service line. '' if it has none."""
    unreadable: tuple[Unreadable, ...] = ()
    """The members that could not be read: here they are as empty as members that are not set. Empty if all could."""
    library_id: str = ""
    """ServiceTrade's id of the library item; items of one library item have the same. '' if the item is not from the
    library, or ServiceTrade does not tell the id."""
    generic: bool = False
    """Whether the library item stands for anything that is not in the library. Then its code is that of many things."""
    alias_code: str = ""
    """The connection's own code for the library item, which is used instead of `external_id` and `code`. '': none is
    set."""
    alias_reason: str = ""
    """When and by whom `alias_code` was set, in words. '' without one."""

    def __post_init__(self) -> None:
        if not self.id:
            raise ValueError("a job item needs an id")

    def unread(self, *members: ItemMember) -> Unreadable | None:
        """The first of these members that could not be read."""
        return next((one for one in self.unreadable if one.member in members), None)


def item_type(text: str) -> str:
    """The type in one spelling: `generalConditions`, `general_conditions` and `General Conditions` are the same."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", composed(text))
    return " ".join(re.split(r"[\s_-]+", spaced.strip())).lower()
