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
    """A member that ServiceTrade sent in an unknown form. `value` quotes it in short."""

    member: ItemMember
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobItem:
    """One item of a job. `type` is the library item's type as returned by `item_type`, '' if it has none.

    `quantity` and `cost` (per unit) are exact, None if ServiceTrade has none. `code` is the library item's own code,
    `external_id` its external id under the connection's system (None: not set). A member in `unreadable` is as empty as
    one that is not set.
    """

    id: str
    name: str
    type: str
    quantity: Decimal | None
    cost: Decimal | None
    code: str = ""
    external_id: str | None = None
    source: str = ""
    service_line: str = ""
    unreadable: tuple[Unreadable, ...] = ()

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
