"""ServiceTrade's envelope `{"messages", "data", "meta"}`, every part optional and some of several shapes [seen]."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from adapters.net import bounded_json

_QUOTED_CHARACTERS = 200
_LARGEST_EXPONENT = 400


@dataclass(frozen=True, slots=True)
class Envelope:
    """`data` is what the call is about, `messages` flattened, `balance_ms` the server time that is left, if told.

    `size` is the whole answer's, in bytes."""

    data: Mapping[str, Any] = field(default_factory=dict)
    messages: tuple[str, ...] = ()
    balance_ms: float | None = None
    size: int = field(default=0, compare=False)

    @property
    def quotation(self) -> str:
        """What ServiceTrade says, in one short printable line; '' if it says nothing."""
        said = "; ".join(self.messages)
        line = " ".join("".join(ch if ch.isprintable() else " " for ch in said).split())
        return line if len(line) <= _QUOTED_CHARACTERS else line[: _QUOTED_CHARACTERS - 3] + "..."


def open_envelope(body: bytes) -> Envelope:
    """Reads an answer's body, every number exactly: an int or a Decimal. An empty body is an empty envelope.

    Raises ValueError if it is no JSON object; NaN and Infinity are no JSON either.
    """
    if not body.strip():
        return Envelope()
    document = bounded_json.parse(body, parse_float=_decimal, parse_constant=_no_number)
    if not isinstance(document, dict):
        raise ValueError("the answer is not a JSON object")  # noqa: TRY004 - one error for all that is no envelope
    return Envelope(
        _object(document.get("data")),
        tuple(_texts(document.get("messages"))),
        _number(_object(_object(document.get("meta")).get("stats")).get("resourceBalanceMs")),
        len(body),
    )


def _decimal(text: str) -> Decimal:
    """A number such as 1e999999999 would fill the memory once it is written out."""
    if len(text) > _LARGEST_EXPONENT:
        raise ValueError("the answer holds a number out of all bounds")
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise ValueError("the answer holds a number out of all bounds") from error
    if abs(number.adjusted()) > _LARGEST_EXPONENT:
        raise ValueError("the answer holds a number out of all bounds")
    return number


def _no_number(name: str) -> object:
    raise ValueError(f"the answer holds {name}, which is no number")


def _object(part: object) -> Mapping[str, Any]:
    return part if isinstance(part, dict) else {}


def _texts(messages: object) -> Iterator[str]:
    """Messages come as an object of lists, a list, a text or null."""
    if isinstance(messages, str):
        if messages.strip():
            yield messages.strip()
    elif isinstance(messages, (dict, list)):
        for part in messages.values() if isinstance(messages, dict) else messages:
            yield from _texts(part)


def _number(value: object) -> float | None:
    try:
        return float(value) if isinstance(value, (int, Decimal, str)) else None
    except (ValueError, OverflowError):
        return None
