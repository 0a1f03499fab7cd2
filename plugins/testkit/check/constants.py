"""Texts and figures that a plugin compares with: those in its source and configuration. Examples are drawn from them,
because chance alone would hardly ever meet `office == "Harbor West"`."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

_MOST = 200
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Constants:
    texts: tuple[str, ...] = ()
    figures: tuple[Decimal, ...] = ()


def constants_of(source: str, config: Mapping[str, Any]) -> Constants:
    """Each figure comes with its neighbours, as `>` and `>=` differ only there."""
    texts: dict[str, None] = {}
    figures: dict[Decimal, None] = {}
    for value in (*_in_source(source), *_in_data(config)):
        if isinstance(value, str) and len(value) <= _LONGEST:
            texts |= dict.fromkeys((value, value.upper(), value.lower()))
        elif isinstance(value, int | float) and not isinstance(value, bool):
            near = Decimal(str(value))
            figures |= dict.fromkeys((near, near - 1, near + 1)) if near.is_finite() else {}
    return Constants(tuple(texts)[:_MOST], tuple(figures)[:_MOST])


def _in_source(source: str) -> Iterator[object]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant):
            yield node.value


def _in_data(data: object) -> Iterator[object]:
    match data:
        case Mapping():
            for name, inner in data.items():
                yield name
                yield from _in_data(inner)
        case list() | tuple():
            for inner in data:
                yield from _in_data(inner)
        case _:
            yield data
