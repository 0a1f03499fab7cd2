"""One field of a Spectrum service, as documented."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class FieldType(StrEnum):
    """The type as documented. On the wire every field is a text."""

    TEXT = "Text"
    NUMERIC = "Numeric"
    DATE = "Date"


@dataclass(frozen=True, slots=True)
class SpectrumField:
    """One element of a request, of at most `length` characters. `format` is in the documentation's words: -7.2 is a
    number of up to 7 digits before the point and 2 after it. `conditional`: some installations require it."""

    name: str
    length: int
    type: FieldType = FieldType.TEXT
    format: str = ""
    required: bool | Literal["conditional"] = False
