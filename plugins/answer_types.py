"""What is wrong with a rule's answer, in its author's words: which value it is, what it must be, and what came."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, Union, get_args, get_origin, get_type_hints

_NAMES: Mapping[Any, str] = {str: "a text (str)", bool: "True or False", int: "a whole number (int)", None: "None"}


def misfit(answer: object) -> str | None:
    """`fields[0].value is int; it must be a text (str)` for the first part that does not fit the annotation of its
    field, None if all do. A list may stand for a tuple."""
    if is_dataclass(answer) and not isinstance(answer, type):
        hints = get_type_hints(type(answer))
        for one in fields(answer):
            if found := _misfit(one.name, getattr(answer, one.name), hints[one.name]):
                return found
    return None


def _misfit(where: str, value: object, hint: Any) -> str | None:
    origin, args = get_origin(hint), get_args(hint)
    if origin in (types.UnionType, Union):
        fits = any(_misfit(where, value, one) is None for one in args)
        return None if fits else _told(where, value, hint)
    if origin is tuple and isinstance(value, tuple | list):
        found = (_misfit(f"{where}[{place}]", part, args[0]) for place, part in enumerate(value))
        return next(filter(None, found), None)
    kind = origin or hint
    if isinstance(kind, type) and issubclass(kind, Enum) and value in {member.value for member in kind}:
        return None  # its value stands for it
    if hint is Any or (isinstance(kind, type) and isinstance(value, kind)):
        inner = misfit(value)
        return f"{where}.{inner}" if inner else None
    return _told(where, value, hint)


def _told(where: str, value: object, hint: Any) -> str:
    return f"{where} is {_name(type(value))}; it must be {in_words(hint)}"


def in_words(hint: Any) -> str:
    """An annotation: `a tuple of FieldPatch, such as (one,)`."""
    if get_origin(hint) is tuple:
        return f"a tuple of {_name(get_args(hint)[0])}, such as (one,)"
    if get_origin(hint) in (types.UnionType, Union):
        return " or ".join(in_words(one) for one in get_args(hint))
    return _NAMES.get(None if hint is type(None) else hint) or _name(hint)


def _name(kind: Any) -> str:
    return "None" if kind is type(None) else getattr(kind, "__name__", str(kind))
