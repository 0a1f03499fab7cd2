"""How codes and names are compared when somebody searches for them: without regard to case, accents and punctuation."""

from __future__ import annotations

import re
import unicodedata

MOST_WORDS = 16
"""Of one code and its name; further ones are not found."""
NEVER_STORED = re.compile("[\x00\ud800-\udfff]")
"""NUL and halves of characters: no code that is stored has one."""
_LONGEST_WORD = 40
_WORD = re.compile(r"[^\W_]+")


def folded(text: str) -> str:
    """The text as it is compared: without accents, in one case, trimmed."""
    text = text.strip()
    if not text.isascii():
        apart = unicodedata.normalize("NFKD", text)
        text = "".join(sign for sign in apart if not unicodedata.combining(sign))
    return text.casefold()


def words_in(*texts: str) -> tuple[str, ...]:
    """The different words of these texts, folded, in the order of the alphabet."""
    found = dict.fromkeys(word[:_LONGEST_WORD] for text in texts for word in _WORD.findall(folded(text)))
    return tuple(sorted([*found][:MOST_WORDS]))


def rarest_first(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words of a search, that which probably the fewest codes have first: a size or a number, then the longest."""
    return tuple(sorted(words, key=lambda word: (len(word) > 1 and not word.isalpha(), len(word), word), reverse=True))
