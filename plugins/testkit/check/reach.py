"""Which statements of a plugin's rules were never reached: what no example leads to was not checked."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

from plugins.examine import ABOUT_ITSELF, HOOKS

_LONGEST = 60


class Reach:
    """The lines of one file that were carried out inside `traced`."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: set[int] = set()

    @contextmanager
    def traced(self) -> Iterator[None]:
        before = sys.gettrace()
        sys.settrace(self._trace)
        try:
            yield
        finally:
            sys.settrace(before)

    def _trace(self, frame: FrameType, event: str, _: Any) -> Any:
        if frame.f_code.co_filename != self.file:
            return None
        if event == "line":
            self.lines.add(frame.f_lineno)
        return self._trace


def unreached(source: str, lines: set[int]) -> Iterator[str]:
    """Yield the first statement of each part of a rule, or of a function that rules call, which was never carried out:
    `line 14: raise ValueError("no office")`. Functions that were not called at all are not among them."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and _counts(node, lines):
            yield from _in_block(node.body, lines, source)


def _counts(function: ast.FunctionDef, lines: set[int]) -> bool:
    if function.name in ABOUT_ITSELF:
        return False
    return function.name in HOOKS or any(_carried_out(one, lines) for one in function.body)


def _in_block(block: Sequence[ast.stmt], lines: set[int], source: str) -> Iterator[str]:
    for one in block:
        if isinstance(one, ast.FunctionDef | ast.ClassDef | ast.Global | ast.Nonlocal) or _is_text(one):
            continue
        if not _carried_out(one, lines):
            words = (ast.get_source_segment(source, one) or "").split("\n")[0].strip()
            yield f"line {one.lineno}: {words if len(words) <= _LONGEST else words[:_LONGEST] + '...'}"
            return
        for inner in _blocks(one):
            yield from _in_block(inner, lines, source)


def _carried_out(one: ast.stmt, lines: set[int]) -> bool:
    """Of a statement that holds others, its head alone counts."""
    inner = [block[0].lineno for block in _blocks(one) if block]
    last = max(one.lineno, min(inner) - 1) if inner else one.end_lineno or one.lineno
    return not lines.isdisjoint(range(one.lineno, last + 1))


def _blocks(one: ast.stmt) -> Iterator[Sequence[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        if block := getattr(one, name, None):
            yield block
    for part in (*getattr(one, "handlers", ()), *getattr(one, "cases", ())):
        yield part.body


def _is_text(one: ast.stmt) -> bool:
    return isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant)
