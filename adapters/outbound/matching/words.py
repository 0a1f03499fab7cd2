"""Names and descriptions as words in one spelling: without case, accents, punctuation and legal forms."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

from adapters.outbound.matching.spellings import BEFORE_NUMBERS, DIRECTIONS, FILLERS, LEGAL, SPELLINGS

_APOSTROPHES = re.compile("['\u2018\u2019`\u00b4]")
_AND = re.compile("[&+]")
_NOT_WORD = re.compile(r"[^a-z0-9]+")
_ORDINAL = re.compile(r"^[0-9]+(st|nd|rd|th)$")


def plain_words(text: str) -> list[str]:
    """The words in small letters without accents and punctuation; single letters in a row are one word (`L.L.C.`)."""
    if not text.isascii():
        text = "".join(ch for ch in unicodedata.normalize("NFKD", text) if not unicodedata.combining(ch))
    text = _AND.sub(" and ", _APOSTROPHES.sub("", text.lower()))
    return list(_joined_letters(_NOT_WORD.sub(" ", text).split()))


def name_words(text: str) -> list[str]:
    """The words of a name in one spelling, without legal forms and fillers; a name of nothing else keeps them."""
    found = plain_words(text)
    while len(found) > 1 and found[-1] in LEGAL:
        found.pop()
    kept = [one for at, one in enumerate(found) if not (one in FILLERS or one in LEGAL or (one == "a" and not at))]
    read = [one_spelling(word) for word in kept or found]
    after = [*read[1:], ""]
    return [one for at, one in enumerate(read) if not (one in BEFORE_NUMBERS and after[at].isdigit())]


@lru_cache(maxsize=65_536)
def one_spelling(word: str) -> str:
    """The word without plural, or what it is short for. Numbers have no zeros in front."""
    if word.isdigit():
        return word.lstrip("0") or "0"
    if _ORDINAL.match(word):
        return word.lstrip("0")
    if word in SPELLINGS:
        return SPELLINGS[word]
    if len(word) > 4 and word.endswith("ies"):
        word = f"{word[:-3]}y"
    elif len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]
    return SPELLINGS.get(word, word)


def is_mark(word: str) -> bool:
    """Whether the word tells one of several alike things from the others: a number, a direction, a letter."""
    return len(word) == 1 or word in DIRECTIONS or word[0].isdigit()


@lru_cache(maxsize=65_536)
def skeleton(word: str) -> str:
    """The first letter and the consonants, each once in a row: mostly the same after a slip of the pen."""
    kept = word[0]
    for ch in word[1:]:
        if ch not in "aeiouyh" and ch != kept[-1]:
            kept += ch
    return kept


def _joined_letters(words: Iterable[str]) -> Iterator[str]:
    run = ""
    for word in words:
        if len(word) == 1 and word.isalpha():
            run += word
            continue
        if run:
            yield run
            run = ""
        yield word
    if run:
        yield run
