"""Items as ServiceTrade sends them. Quantities and amounts must be exact numbers; all others are refused."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from adapters.outbound.servicetrade.records import ExternalIds, NamedMember, Record, Reference, Text

_PLAIN_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_MOST_DIGITS = 60


def _exact(value: Any) -> Decimal | None:
    """Return a quantity or an amount, from a JSON number or plain text, without rounding.
    Formatted money ("$1,250.00") occurs on quotes only, so it is not read here."""
    if value is None:
        return None
    if isinstance(value, str):
        readable = len(value) <= 2 * _MOST_DIGITS and _PLAIN_NUMBER.fullmatch(value) is not None
    else:
        readable = isinstance(value, (int, Decimal)) and not isinstance(value, bool)
    if not readable:
        raise ValueError("not an exact number")
    number = Decimal(value)
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -_MOST_DIGITS or number.adjusted() >= _MOST_DIGITS:
        raise ValueError("a number out of all bounds")
    return number


def _kind(value: object) -> object:
    """Read a member that is a kind, or an object with the kind as `type`."""
    kind = value.get("type") if isinstance(value, dict) else value
    return kind if isinstance(kind, str) else ""


Number = Annotated[Decimal | None, BeforeValidator(_exact)]


class LibraryItem(Record):
    name: Text = ""
    type: Text = ""
    code: Text = ""
    externalIds: ExternalIds = Field(default_factory=dict)


class ItemRecord(Record):
    """An item of a job. `cost` is per unit. There is no price."""

    id: Annotated[str, Field(min_length=1)]
    name: Text = ""
    quantity: Number = None
    cost: Number = None
    job: Reference = None
    libItem: LibraryItem | None = None
    source: Annotated[str, BeforeValidator(_kind)] = ""
    serviceLine: NamedMember = None
