"""The Spectrum services in use and their fields, read from the shipped table.

Source: Spectrum Data Exchange documentation, one page per service (names, order, lengths and formats are documented).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

from core.model.work_orders.item import ItemKind

HERE = files("adapters.outbound.spectrum")

HEADER = "WorkOrderHeader"
LINES: Mapping[ItemKind, str] = {ItemKind.MATERIAL: "AddWOMaterialCost", ItemKind.OTHER_CHARGE: "AddWOOtherCharges"}
"""The service that adds a cost line of each kind."""
NEEDED = (HEADER, *LINES.values())
"""The services that an Authorization ID must be allowed to call, in the order of a send."""


@dataclass(frozen=True, slots=True)
class Field:
    """One element of a request. `max` counts characters; `type` is Text, Numeric or Date."""

    name: str
    max: int
    required: bool | Literal["conditional"]
    type: str
    format: str


@dataclass(frozen=True, slots=True)
class Service:
    """One web service. Its name is also its only method; `fields` are in the order of the request."""

    name: str
    fields: tuple[Field, ...]

    @property
    def elements(self) -> tuple[str, ...]:
        return tuple(field.name for field in self.fields)

    @property
    def answer(self) -> str:
        """The name of the element that wraps the answer."""
        return f"{self.name}Response"


def _read() -> Mapping[str, Service]:
    table = json.loads(HERE.joinpath("spectrum_fields.json").read_text("utf-8"))
    return {name: Service(name, tuple(Field(**field) for field in fields)) for name, fields in table.items()}


SERVICES = _read()
