"""The length of a plugin's texts. They are kept with every send and shown on its page. Texts for people are cut, with a
mark. A longer value, name or answer is refused, because its beginning would mean something else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

LONGEST_TEXT = 1000
"""Characters of a reason, a message, a cause or a step of a fix."""
LONGEST_ERROR = 500
LONGEST_VALUE = 10_000
"""Characters of a field's value. Spectrum's longest has 250; the length policy may still have to cut a job's text."""
LONGEST_NAME = 200
"""Characters of everything else, such as a number, a field's name or the code of a finding."""
MOST_TEXT = 200_000
"""Characters of a whole answer: a finding for each of a thousand items."""
_FOR_PEOPLE = frozenset({"reason", "message", "cause", "fix"})
_VALUES = frozenset({"value", "fields"})


class WrongAnswer(Exception):
    """The answer is none that this hook takes. The text says what came instead."""


def shortened(text: str, longest: int = LONGEST_TEXT) -> str:
    """The text, or its first `longest` characters and a mark that says how many it had."""
    return text if len(text) <= longest else f"{text[:longest]}… (cut: it had {len(text)} characters)"


def bounded(answer: Any) -> Any:
    """A rule's answer with its texts for people cut. Raises WrongAnswer if something else in it, or all of it together,
    is too long."""
    kept = _bounded("", answer)
    if (length := _length(kept)) > MOST_TEXT:
        raise WrongAnswer(f"returned {length} characters of text; a rule may return {MOST_TEXT}")
    return kept


def bounded_lines(lines: Any) -> Any:
    """The answer of `posted_lines`, which is as long as the work order has lines. Raises WrongAnswer as `bounded`."""
    return _bounded("", lines)


def _bounded(name: str, value: Any) -> Any:
    if isinstance(value, str):
        return shortened(value) if name in _FOR_PEOPLE else _whole(name, value)
    if isinstance(value, tuple):
        return tuple(_bounded(name, one) for one in value)
    if isinstance(value, Mapping):
        for key, one in value.items():
            _whole("the name of a field", key)
            _whole(name, one)
        return value
    if not is_dataclass(value) or isinstance(value, type):
        return value
    held = {one.name: getattr(value, one.name) for one in fields(value)}
    kept = {inner: _bounded(inner, one) for inner, one in held.items()}
    return value if kept == held else replace(value, **kept)


def _whole(name: str, text: str) -> str:
    longest = LONGEST_VALUE if name in _VALUES else LONGEST_NAME
    if len(text) > longest:
        raise WrongAnswer(f"returned {len(text)} characters as {name}; it may have {longest}")
    return text


def _length(value: Any) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, tuple):
        return sum(map(_length, value))
    if is_dataclass(value) and not isinstance(value, type):
        return sum(_length(getattr(value, one.name)) for one in fields(value))
    return 0
