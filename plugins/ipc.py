"""Messages between Jobferry and the process of a plugin. Drafts go in as pickled objects. Only plain data comes out,
and it is validated by the models of the answers: Jobferry never runs or trusts what a plugin writes."""

from __future__ import annotations

import copyreg
import json
import pickle
from dataclasses import asdict, is_dataclass
from datetime import datetime
from enum import Enum
from types import MappingProxyType
from typing import Any

from core.model.planning.draft import DoNotSend, FindingsPatch, HeaderPatch, LeaveOut, LinePatch, NumberPatch
from core.model.shared.finding import Finding
from core.model.shared.text import composed
from core.model.work_orders.stored_line import StoredLine
from plugins.answer_limits import WrongAnswer
from plugins.answer_types import misfit

LONGEST_ANSWER = 1_000_000
"""Bytes."""
CHECK_CONFIG = "check_config"
"""A call that is not a hook."""
TYPES: dict[str, type] = {
    "work_order_number": NumberPatch,
    "map_work_order": HeaderPatch,
    "should_send": DoNotSend,
    "include_item": LeaveOut,
    "map_line": LinePatch,
    "classify_error": Finding,
}
"""Hooks whose answer is one object, with its type."""
LISTS: dict[str, type] = {"validate_work_order": Finding, "posted_lines": StoredLine}
"""Hooks whose answer is a list, with the type of its parts."""


def _read_only(mapping: MappingProxyType[Any, Any]) -> tuple[Any, ...]:
    return _read_only_again, (dict(mapping),)


def _read_only_again(mapping: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    """Pickle needs a function with an importable name. The type itself has none."""
    return MappingProxyType(mapping)


copyreg.pickle(MappingProxyType, _read_only)


def request(**content: object) -> bytes:
    """Return one call as bytes. Jobferry writes it, so it may be pickled."""
    return pickle.dumps(content)


def read_request(data: bytes) -> dict[str, Any]:
    content: dict[str, Any] = pickle.loads(data)  # noqa: S301 - written by Jobferry, read by the plugin's process
    return content


def copied(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return a deep copy, so that a plugin cannot change the original."""
    return read_request(request(**arguments))


def checked(hook: str, answer: Any) -> Any:
    """Return the answer if it has the type that this hook takes; an event takes None. Raises WrongAnswer."""
    if answer is None:
        return None
    if part := LISTS.get(hook):
        fits = isinstance(answer, list) and all(type(one) is part for one in answer)
    else:
        fits = type(answer) is TYPES.get(hook)
    if not fits:
        raise WrongAnswer(f"returned {_came(answer)}; {hook} takes {_taken(hook)}")
    if hook == "posted_lines":
        return tuple(answer)
    return FindingsPatch(tuple(answer)) if hook == "validate_work_order" else answer


def _taken(hook: str) -> str:
    """What a hook may return, in words."""
    if part := LISTS.get(hook):
        return f"a list of {part.__name__}, or None"
    one = TYPES.get(hook)
    return f"{one.__name__} or None" if one else "None"


def _came(answer: object) -> str:
    """A wrong answer by its type, and a list also by that of its first part."""
    name = type(answer).__name__
    return f"{name} of {type(answer[0]).__name__}" if isinstance(answer, list) and answer else name


def written(hook: str, answer: Any) -> Any:
    """Return a hook's answer as plain data; None stays None. Raises WrongAnswer."""
    found = checked(hook, answer)
    for one in answer if isinstance(answer, list) else (answer,):
        if wrong := misfit(one):
            raise WrongAnswer(f"returned a {type(one).__name__} that is wrong: {wrong}")
    return _plain(found.findings if isinstance(found, FindingsPatch) else found)


def _plain(value: object) -> Any:
    if isinstance(value, StoredLine):
        at = value.stored_at.isoformat() if isinstance(value.stored_at, datetime) else value.stored_at
        return _plain({"kind": value.kind, "key": value.key, "fields": dict(value.fields), "stored_at": at})
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    match value:
        case Enum():
            return value.value
        case dict():
            return {str(name): _plain(inner) for name, inner in value.items()}
        case list() | tuple():
            return [_plain(inner) for inner in value]
        case str():
            return composed(value)
        case int() | bool() | None:
            return value
    raise WrongAnswer(f"returned {type(value).__name__} instead of a text")


def _with_composed_texts(value: Any) -> Any:
    match value:
        case str():
            return composed(value)
        case list():
            return [_with_composed_texts(inner) for inner in value]
        case dict():
            return {composed(name): _with_composed_texts(inner) for name, inner in value.items()}
    return value


def answer_bytes(content: dict[str, Any]) -> bytes:
    """Return one answer as bytes."""
    return json.dumps(content).encode()


def read_answer(data: bytes) -> dict[str, Any]:
    """Return one answer from bytes, with composed texts: half a character could be neither shown nor stored. Raises
    WrongAnswer if they do not hold a JSON object."""
    try:
        content = _with_composed_texts(json.loads(data))
    except (ValueError, RecursionError) as error:
        raise WrongAnswer("wrote an invalid answer") from error
    if not isinstance(content, dict):
        raise WrongAnswer("wrote an invalid answer")
    return content
