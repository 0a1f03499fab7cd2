"""Reads foreign JSON that may be hostile: its parts are counted before it is parsed, and its depth is limited."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

MOST_PARTS = 100_000
"""Commas and opening brackets. A full page of 100 records has about ten thousand; each may take 250 bytes here."""
DEEPEST = 64
"""Levels of lists and objects. ServiceTrade's records have about six; Python fails at some hundreds."""


def parse(
    body: bytes,
    *,
    most_parts: int = MOST_PARTS,
    parse_float: Callable[[str], object] | None = None,
    parse_int: Callable[[str], object] | None = None,
    parse_constant: Callable[[str], object] | None = None,
    strict: bool = True,
) -> Any:
    """Parse a document like `json.loads`; `strict` refuses control characters in texts.

    Raises ValueError if it is no JSON, or too large or too deep.
    """
    if sum(body.count(sign) for sign in (b",", b"[", b"{")) > most_parts:
        raise ValueError("the answer has more parts than any record")
    try:
        document = json.loads(
            body, parse_float=parse_float, parse_int=parse_int, parse_constant=parse_constant, strict=strict
        )
    except RecursionError as error:
        raise ValueError(f"nested deeper than {DEEPEST} levels") from error
    require_shallow(document)
    return document


def require_shallow(document: object) -> None:
    """Raise ValueError for more than DEEPEST levels of lists and objects."""
    level = [document]
    for _ in range(DEEPEST):
        level = [part for whole in level for part in _parts(whole) if isinstance(part, dict | list)]
        if not level:
            return
    raise ValueError(f"nested deeper than {DEEPEST} levels")


def _parts(whole: object) -> Any:
    if isinstance(whole, dict):
        return whole.values()
    return whole if isinstance(whole, list) else ()
