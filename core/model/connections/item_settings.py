"""The settings of a connection about the items of a job: what each becomes in Spectrum, and from which warehouse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.model.connections.list_settings import ListSettings
from core.model.shared.setting import is_code, setting
from core.model.work_orders.cost_line import LINE_LENGTHS, WAREHOUSE
from core.model.work_orders.item import ItemKind

ITEMS = "Items"
_WAREHOUSE = LINE_LENGTHS[ItemKind.MATERIAL][WAREHOUSE]


class NonStock(StrEnum):
    """Which materials are sent as non-stock items, which need not be in Spectrum's inventory."""

    OFF = "off"
    """None"""
    WITHOUT_CODE = "without_code"
    """Those that have no code"""
    ALL = "all"
    """All"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemSettings(ListSettings):
    """`item_kinds` holds the differences from DEFAULT_KINDS."""

    default_warehouse: str = setting(
        "",
        title="Default warehouse",
        group=ITEMS,
        help="Spectrum's code of the warehouse that stock items are taken from. Empty: none is sent.",
        valid=is_code(_WAREHOUSE),
        rule=f"at most {_WAREHOUSE} characters",
        example="MAIN",
    )
    non_stock_fallback: NonStock = setting(
        NonStock.OFF,
        title="Materials sent as non-stock items",
        group=ITEMS,
        words={"off": "None", "without_code": "Those without a code", "all": "All"},
    )
    item_kinds: Mapping[str, ItemKind] = setting(
        default_factory=dict,
        title="What items of a type become",
        group=ITEMS,
        words={"material": "Material cost", "other_charge": "Other charge", "skip": "Leave it out"},
        example={"part": "material", "fee": "other_charge"},
    )
