"""The words that stand below the attributes of a class, read from its source.

Messages and choices are described where they are defined. Only the document needs the words, so only it reads them:
pydantic's own `use_attribute_docstrings` would read every source at each start of a command.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Mapping
from functools import cache
from itertools import pairwise


def attribute_words(owner: type) -> dict[str, str]:
    """By attribute: the text below it, in one line. A class inherits the words of its bases."""
    found: dict[str, str] = {}
    for one in reversed(owner.__mro__):
        found |= _of_module(one.__module__).get(one.__qualname__.partition("[")[0], {})
    return found


def one_line(text: str) -> str:
    """A text of the source without its line ends and indentation."""
    return " ".join(text.split())


@cache
def _of_module(name: str) -> Mapping[str, Mapping[str, str]]:
    if name.partition(".")[0] not in ("adapters", "core"):
        return {}
    tree = ast.parse(inspect.getsource(sys.modules[name]))
    return {one.name: _of_class(one) for one in ast.walk(tree) if isinstance(one, ast.ClassDef)}


def _of_class(node: ast.ClassDef) -> dict[str, str]:
    words = {}
    for attribute, text in pairwise(node.body):
        match attribute, text:
            case (
                ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]),
                ast.Expr(value=ast.Constant(value=str(said))),
            ):
                words[name] = one_line(said)
    return words
