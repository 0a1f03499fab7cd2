"""Text that people typed: each letter in one spelling, and nothing invisible between the letters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_Record = TypeVar("_Record", bound="DataclassInstance")
_HALF = re.compile("[\ud800-\udfff]")
_CONTROL, _FORMAT = "Cc", "Cf"
_BREAK = "\N{ZERO WIDTH SPACE}"
"""The one character without a width that stands between words."""
_NAMED = 5


def composed(text: str) -> str:
    """The text with each letter and its accents as one character where there is one (NFC).

    Half a character, as a program leaves it that cuts an emoji in two, becomes U+FFFD: no answer can carry it.
    """
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", _HALF.sub("\N{REPLACEMENT CHARACTER}", text))


def with_composed_text(record: _Record) -> _Record:
    """The record with all its text composed, also that in its tuples and in the records that it holds."""
    changed = {}
    for one in fields(record):
        value = getattr(record, one.name)
        if (new := _composed(value)) is not value and new != value:
            changed[one.name] = new
    return replace(record, **changed) if changed else record


def _composed(value: object) -> object:
    if isinstance(value, str):
        return composed(value)
    if isinstance(value, tuple):
        return tuple(map(_composed, value))
    return with_composed_text(value) if is_dataclass(value) and not isinstance(value, type) else value


def hidden_in(text: str) -> frozenset[str]:
    """The control characters and the other characters without a width, such as a soft hyphen."""
    return frozenset(ch for ch in text if not ch.isprintable() and unicodedata.category(ch) in (_CONTROL, _FORMAT))


def without(hidden: Iterable[str], text: str) -> str:
    """The text in one line without these: a blank stands for each run of control characters, so that no words join.
    Characters without a width are removed, as nobody sees a gap there."""
    blanks = {ord(ch): " " if ch == _BREAK or unicodedata.category(ch) == _CONTROL else "" for ch in hidden}
    return " ".join(text.translate(blanks).split())


def code_points(characters: Iterable[str]) -> str:
    """The characters by their code points, the first few of them, for messages."""
    return ", ".join(f"U+{ord(ch):04X}" for ch in sorted(set(characters))[:_NAMED])


def cut_at_word(text: str, limit: int) -> str:
    """Return at most `limit` characters of `text`, cut at a word unless that would remove more than half."""
    if len(text) <= limit:
        return text
    end = text.rfind(" ", 0, limit + 1)
    return text[: end if end > limit // 2 else limit].rstrip()
