"""No float on the way of a quantity or an amount, from ServiceTrade's JSON to Spectrum's XML."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
ON_THE_WAY = (
    "core/model/work_orders/item.py",
    "core/model/shared/figures.py",
    "core/model/work_orders/cost_line.py",
    "core/model/connections/item_settings.py",
    "core/model/planning/draft.py",
    "core/model/planning/line_fold.py",
    "core/model/planning/line_plan.py",
    "core/model/work_orders/line_words.py",
    "core/model/sending/evidence.py",
    "core/model/work_orders/stored_line.py",
    "core/model/planning/standing_items.py",
    "core/model/planning/items_held.py",
    "core/model/planning/item_codes.py",
    "core/model/reconciliation/compare_items.py",
    "core/services/sending/declare_items.py",
    "core/services/sending/lifecycle/enter_lines.py",
    "core/services/planning/plan_items.py",
    "core/services/planning/plan_send.py",
    "core/services/planning/read_for_plan.py",
    "plugins/built_in/item_kinds.py",
    "plugins/built_in/item_filter.py",
    "plugins/testkit/by_item.py",
    "plugins/testkit/check/figures.py",
    "adapters/outbound/servicetrade/items.py",
    "adapters/outbound/spectrum/envelope.py",
    "adapters/outbound/postgres/ledger.py",
    "adapters/outbound/postgres/records.py",
    "adapters/outbound/memory/ledger.py",
)


def floats_in(source: str) -> Iterator[str]:
    """Every float literal, every mention of `float`, and every true division."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Constant(value=float()):
                yield f"line {node.lineno}: the literal {node.value!r}"
            case ast.Name(id="float"):
                yield f"line {node.lineno}: float"
            case ast.BinOp(op=ast.Div()) if not _joins_paths(node):
                yield f"line {node.lineno}: a division"


def _joins_paths(node: ast.BinOp) -> bool:
    return isinstance(node.right, ast.Constant) and isinstance(node.right.value, str)


@pytest.mark.parametrize("name", ON_THE_WAY)
def test_no_float_stands_on_the_way_of_money(name: str) -> None:
    assert list(floats_in((ROOT / name).read_text("utf-8"))) == []


@pytest.mark.parametrize("source", ["x = 0.1", "x = float(y)", "def f(x: float) -> None: ...", "x = a / b"])
def test_the_guard_sees_a_float(source: str) -> None:
    assert list(floats_in(source))


def test_new_modules_about_lines_or_items_are_guarded() -> None:
    about = {
        str(path.relative_to(ROOT))
        for folder in ("core/model", "core/services", "plugins")
        for path in (ROOT / folder).rglob("*.py")
        if any(word in path.stem.split("_") for word in ("line", "item", "items", "figures"))
    }
    # It carries texts; its deadline is a moment, and no amount.
    without_figures = {"core/services/sending/steps/post_line.py"}
    assert about - without_figures <= set(ON_THE_WAY)
