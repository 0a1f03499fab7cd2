"""Texts and figures that a plugin compares with: those in its source and configuration. Examples are drawn from them,
because chance alone would hardly ever meet `office == "Harbor West"`."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

_MOST = 200
_LONGEST = 300
_CONFIG = "config"


@dataclass(frozen=True, slots=True)
class Constants:
    """`near` holds, by the name of a field such as `office`, what it is compared with; where it is compared with
    nothing, the constants of the functions that read it."""

    texts: tuple[str, ...] = ()
    figures: tuple[Decimal, ...] = ()
    near: Mapping[str, Constants] = field(default_factory=dict)


def constants_of(source: str, config: Mapping[str, Any]) -> Constants:
    """Each figure comes with its neighbours, as `>` and `>=` differ only there."""
    tree = ast.parse(source)
    everywhere = _constants([*_in_source(tree), *_in_data(config)])
    tables = {
        target.id: list(_in_source(node))
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    compared: dict[str, list[object]] = {}
    around: dict[str, list[object]] = {}
    for part in ast.walk(tree):
        if isinstance(part, ast.FunctionDef) or _compares(part):
            names = {node.attr for node in ast.walk(part) if isinstance(node, ast.Attribute)}
            values = [*_in_source(part)]
            for node in ast.walk(part):
                values += tables.get(node.id, []) if isinstance(node, ast.Name) else []
            values += _in_data(config) if _CONFIG in names else []
            for name in names:
                (around if isinstance(part, ast.FunctionDef) else compared).setdefault(name, []).extend(values)
    near = {name: _constants(compared.get(name) or values, both_cases=False) for name, values in around.items()}
    return Constants(everywhere.texts, everywhere.figures, near)


def _compares(part: ast.AST) -> bool:
    """A comparison, a case of `match`, or a call such as `office.startswith("W")` or `TABLE.get(office)`."""
    return isinstance(part, ast.Compare | ast.match_case) or (
        isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute)
    )


def _constants(values: list[object], *, both_cases: bool = True) -> Constants:
    texts: dict[str, None] = {}
    figures: dict[Decimal, None] = {}
    for value in values:
        if isinstance(value, str) and len(value) <= _LONGEST:
            texts |= dict.fromkeys((value, value.upper(), value.lower()) if both_cases else (value,))
        elif isinstance(value, int | float) and not isinstance(value, bool):
            near = Decimal(str(value))
            figures |= dict.fromkeys((near, near - 1, near + 1)) if near.is_finite() else {}
    return Constants(tuple(texts)[:_MOST], tuple(figures)[:_MOST])


def _in_source(part: ast.AST) -> Iterator[object]:
    for node in ast.walk(part):
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
