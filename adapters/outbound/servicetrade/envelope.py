"""ServiceTrade's envelope `{"messages", "data", "meta"}`. Every part is optional; some have several shapes [seen]."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from adapters.net import bounded_json
from adapters.net.json_shapes import sole
from adapters.net.windows_text import as_windows

_QUOTED_CHARACTERS = 200
_LARGEST_EXPONENT = 400
"""A number with more digits, or a larger exponent, stays as it is written: as a number it would fill the memory."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """`data`: the result. `messages`: flattened. `balance_ms`: server time left, if reported. `size`: bytes in all."""

    data: Mapping[str, Any] = field(default_factory=dict)
    messages: tuple[str, ...] = ()
    balance_ms: float | None = None
    size: int = field(default=0, compare=False)

    @property
    def quotation(self) -> str:
        """ServiceTrade's messages in one short printable line, '' if there are none."""
        said = "; ".join(self.messages)
        line = " ".join("".join(ch if ch.isprintable() else " " for ch in said).split())
        return line if len(line) <= _QUOTED_CHARACTERS else line[: _QUOTED_CHARACTERS - 3] + "..."


def open_envelope(body: bytes) -> Envelope:
    """Read an answer's body with exact numbers: int or Decimal. An empty body is an empty envelope.

    Letters that are not UTF-8 are read as Windows-1252, and control characters stay: so one text makes no record
    unreadable.

    Raises ValueError if it is no JSON object. NaN and Infinity are no JSON, but some programs write them: whoever needs
    such a member cannot read it.
    """
    if not body.strip():
        return Envelope()
    try:
        document = _parsed(body)
    except UnicodeDecodeError:
        document = _parsed(as_windows(body).encode())
    if not isinstance(document, dict):
        raise ValueError("the answer is not a JSON object")  # noqa: TRY004 - one error for every invalid envelope
    return Envelope(
        _object(sole(document.get("data"))),
        tuple(_texts(document.get("messages"))),
        _number(_object(_object(document.get("meta")).get("stats")).get("resourceBalanceMs")),
        len(body),
    )


def _parsed(body: bytes) -> Any:
    return bounded_json.parse(body, parse_float=_decimal, parse_int=_integer, parse_constant=Decimal, strict=False)


def _decimal(text: str) -> Decimal | str:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    return text if len(text) > _LARGEST_EXPONENT or abs(number.adjusted()) > _LARGEST_EXPONENT else number


def _integer(text: str) -> int | str:
    return text if len(text) > _LARGEST_EXPONENT else int(text)


def _object(part: object) -> Mapping[str, Any]:
    return part if isinstance(part, dict) else {}


def _texts(messages: object) -> Iterator[str]:
    """Flatten the messages: an object of lists, a list, a text or null."""
    if isinstance(messages, str):
        if messages.strip():
            yield messages.strip()
    elif isinstance(messages, (dict, list)):
        for part in messages.values() if isinstance(messages, dict) else messages:
            yield from _texts(part)


def _number(value: object) -> float | None:
    """A finite number, also from text. None for anything else, which is never needed."""
    try:
        number = float(value) if isinstance(value, (int, Decimal, str)) and not isinstance(value, bool) else math.nan
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
