"""How alike two names are, word by word."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from rapidfuzz import fuzz

from adapters.outbound.matching.spellings import LEGAL
from adapters.outbound.matching.words import is_mark, name_words

_SHORTEST, _TYPO, _SHORT_WORD = 4, 80, 3
_CUT_LENGTHS = range(28, 36)
"""Spectrum's fields for names hold 30 or 35 characters; what is so long may be cut."""
_RATIO_ALIKE, _RATIO_NEAR = 90, 72
_MOST_READ = 120
"""Letters of a name: each of its words is compared with each of the other's."""


class Likeness(IntEnum):
    """The higher, the more alike."""

    NONE = 0
    NEAR = 1
    """Some words are the same"""
    PART = 2
    """One has all words of the other and more"""
    ALIKE = 3
    """The same but for spelling and abbreviations"""
    CUT = 4
    """The same as far as Spectrum's field holds it"""
    SAME = 5


@dataclass(frozen=True, slots=True)
class Name:
    """The words of a name, and its marks: numbers, directions and letters that tell branches apart."""

    words: tuple[str, ...]
    marks: frozenset[str]
    joined: str
    long: bool

    @property
    def text(self) -> str:
        return " ".join(self.words)


@dataclass(frozen=True, slots=True)
class Compared:
    """`shared` counts the words that both have."""

    likeness: Likeness
    other_marks: bool
    """Both have marks, and neither has all of the other's"""
    fewer_marks: bool
    """One has marks that the other lacks"""
    cut_marks: bool
    """The second name may have lost marks of the first at the end of Spectrum's field"""
    words_lost: bool
    """Spectrum's field has cut off whole words of the first name, which may tell two buildings apart"""
    shared: int = 0


def name_of(text: str, *, without: frozenset[str] = frozenset()) -> Name:
    """Read a name. `without` are words that say nothing here, such as those of its customer; if nothing else is left,
    they stay."""
    every, long = name_words(text[:_MOST_READ]), len(text.strip()) in _CUT_LENGTHS
    if long and len(every) > 1 and any(form.startswith(every[-1]) for form in LEGAL):
        every.pop()  # a legal form that was cut
    words = tuple(one for one in every if not is_mark(one) and one not in without)
    marks = frozenset(one for one in every if is_mark(one))
    if not words and not marks:
        words = tuple(one for one in every if not is_mark(one))
    return Name(words, marks, "".join(words), long)


def compare_names(one: Name, other: Name) -> Compared:
    """`other` is the name in Spectrum, which may be cut."""
    other_marks = not (one.marks <= other.marks or other.marks <= one.marks)
    fewer_marks = not other_marks and one.marks != other.marks
    likeness, shared = _likeness(one, other)
    cut_marks = other.long and not one.marks <= other.marks
    words_lost = likeness is Likeness.CUT and len(one.words) > len(other.words)
    return Compared(likeness, other_marks, fewer_marks, cut_marks, words_lost, shared)


def _likeness(one: Name, other: Name) -> tuple[Likeness, int]:
    if not one.words or not other.words:
        same = not one.words and not other.words and bool(one.marks) and one.marks == other.marks
        return (Likeness.SAME if same else Likeness.NONE), 0
    if one.joined == other.joined or sorted(one.words) == sorted(other.words):
        return Likeness.SAME, len(one.words)
    if other.long and len(other.joined) >= _SHORTEST and one.joined.startswith(other.joined):
        return Likeness.CUT, len(other.words)
    exact = set(one.words) & set(other.words)
    left = [word for word in one.words if word not in exact]
    right = [word for word in other.words if word not in exact]
    paired = len(exact) + _pair(left, right)
    if not left and not right:
        return Likeness.ALIKE, paired
    if len(left) != len(right) and min(len(left), len(right)) and _one_word_parted(left, right):
        return Likeness.ALIKE, paired
    if paired and (not left or not right):
        return Likeness.PART, paired
    near = exact or fuzz.token_sort_ratio(one.text, other.text) >= _RATIO_NEAR
    return (Likeness.NEAR if near else Likeness.NONE), paired


def _pair(left: list[str], right: list[str]) -> int:
    """Take words that are the same but for a slip or an abbreviation out of both; return how many pairs there were."""
    count = 0
    for word in list(left):
        twin = next((one for one in right if _same_word(word, one)), None)
        if twin is not None:
            left.remove(word)
            right.remove(twin)
            count += 1
    return count


def _same_word(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    if len(short) >= _SHORTEST and fuzz.ratio(one, other) >= _TYPO:
        return True
    least = _SHORT_WORD if short[-1] in "aeiou" else _SHORT_WORD - 1
    if len(short) < least or short[0] != long[0] or len(long) - len(short) < _SHORT_WORD - 1:
        return False
    return long.startswith(short) or (len(short) <= 5 and _within(short[1:], long[1:]))


def _one_word_parted(left: list[str], right: list[str]) -> bool:
    """Whether what is left is the same but for blanks, as in `Mill Brook`. Elsewhere one short word, such as `Jr`, may
    make another name of a long one."""
    return fuzz.ratio("".join(left), "".join(right)) >= _RATIO_ALIKE


def _within(letters: str, word: str) -> bool:
    """Whether the letters stand in the word in this order, as those of `mfg` in manufacturing."""
    rest = iter(word)
    return all(letter in rest for letter in letters)
