"""Members of foreign JSON in the shapes they come in: a number as text, a list of one, nothing as `[]`, `{}` or `""`.

A function here returns what the member says, or raises ValueError if it says something else. None of them guesses.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

_ID = re.compile(r"[0-9]{1,16}", re.ASCII)
_KEY = re.compile(r"[0-9A-Za-z_-]{1,64}", re.ASCII)
_PLACE = re.compile(r"[0-9]{1,6}", re.ASCII)
_MOST_QUOTED = 40


def sole(value: object) -> object:
    """The only element of a list of one, else the value itself. None for nothing: null, "", [] and {}."""
    while isinstance(value, list) and len(value) == 1:
        [value] = value
    return None if value in (None, "", [], {}) else value


def rows_of(value: object) -> list[Any] | None:
    """A list as it is, and the values of an object whose names are numbers: so PHP writes a list that has gaps. None
    for anything else."""
    if isinstance(value, dict) and value and all(_PLACE.fullmatch(name) for name in value):
        return list(value.values())
    return value if isinstance(value, list) else None


def text(value: object) -> str:
    """A text as it is, a number as its digits (12.0 is 12), '' for nothing."""
    one = sole(value)
    if one is None:
        return ""
    if isinstance(one, str):
        return one
    if isinstance(one, bool) or not isinstance(one, (int, float, Decimal)):
        raise ValueError("neither a text nor a number")  # noqa: TRY004 - one error for every odd shape
    number = Decimal(one if isinstance(one, int) else str(one))
    if not number.is_finite():
        raise ValueError("not a number")
    digits = f"{number:f}"
    whole, _, fraction = digits.partition(".")
    return digits if fraction.strip("0") else whole


def text_or_nothing(value: object) -> str:
    """Like `text`, for a member that nobody needs: '' also if it is neither a text nor a number."""
    try:
        return text(value)
    except ValueError:
        return ""


def identifier(value: object) -> str:
    """An id of digits, from a number or a text; '' for nothing, which may also be false or 0."""
    one = sole(value)
    digits = "" if one is False else text(one).strip()
    if digits in ("", "0"):
        return ""
    if not _ID.fullmatch(digits):
        raise ValueError("not an id")
    return digits


def key_of(row: Mapping[str, object]) -> str:
    """The `id` under which a row is listed; '' if it has none, or none that can be read."""
    key = text_or_nothing(row.get("id")).strip()
    return key if _KEY.fullmatch(key) else ""


def quoted(value: object) -> str:
    """The value as JSON in one short printable line, for a message."""
    written = str(value) if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False, default=str)
    line = " ".join("".join(ch if ch.isprintable() else " " for ch in written[: 4 * _MOST_QUOTED]).split())
    return line if len(line) <= _MOST_QUOTED else line[: _MOST_QUOTED - 3] + "..."
