"""What stands in Spectrum, in the form in which the judge compares it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from core.model.work_orders.cost_line import CODES, COST, QUANTITY, TASK_QUANTITY
from core.model.work_orders.item import ItemKind

_AMOUNTS = {ItemKind.MATERIAL: QUANTITY, ItemKind.OTHER_CHARGE: COST, ItemKind.TASK: TASK_QUANTITY}


@dataclass(frozen=True)
class BookLine:
    """One cost line: `fields` without company, number and empty ones, sorted by name."""

    number: str
    kind: ItemKind
    fields: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, number: str, kind: ItemKind, fields: Mapping[str, str]) -> BookLine:
        kept = {name: text.strip() for name, text in fields.items() if name not in ("WO_Number", "Company_Code")}
        return cls(number, ItemKind(kind), tuple(sorted((name, text) for name, text in kept.items() if text)))

    @property
    def code(self) -> str:
        return dict(self.fields).get(CODES[self.kind], "")

    @property
    def item(self) -> str:
        """The item's id: its code is the letter P, the id's last digits and a letter for each change of code."""
        return self.code.strip("!")[1:4]

    @property
    def amount(self) -> Decimal:
        """The quantity of a material or task, the money of a charge."""
        return Decimal(dict(self.fields).get(_AMOUNTS[self.kind], "0"))

    def __str__(self) -> str:
        return f"{self.number} {self.code} {self.amount}"
