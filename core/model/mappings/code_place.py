"""Where a code stands among those that a search finds: where the next page begins."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import NamedTuple

from core.model.mappings.code_words import NEVER_STORED


class CodePlace(NamedTuple):
    """`by_word`: it was not found by its beginning, but by this `word`. `key` is the code as it is compared."""

    by_word: bool = False
    word: str = ""
    key: str = ""
    kind: str = ""

    def text(self) -> str:
        return json.dumps([int(self.by_word), *self[1:]])


def place_in(text: str | None) -> CodePlace:
    """The place in the text, the beginning for None. Raises ValueError if it is none."""
    if text is None:
        return CodePlace()
    with suppress(ValueError):
        match json.loads(text):
            case [0 | 1 as by_word, str(word), str(key), str(kind)] if not NEVER_STORED.search(word + key + kind):
                return CodePlace(bool(by_word), word, key, kind)
    raise ValueError("This is no place in a list of codes.")
