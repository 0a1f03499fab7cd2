"""What somebody searches for in a list of codes, and which codes that finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.model.mappings.code_place import CodePlace
from core.model.mappings.code_words import NEVER_STORED, folded, rarest_first, words_in


@dataclass(frozen=True, slots=True)
class CodeSearch:
    """`begins`: how the code begins, folded. `word` and `others`: how words of its code and name begin, '' and none if
    the text has no word. `word` is the one that probably the fewest codes have."""

    begins: str
    word: str
    others: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> CodeSearch:
        text = NEVER_STORED.sub("", text)
        word, *others = rarest_first(words_in(text)) or ("",)
        return cls(folded(text), word, tuple(others))

    def place(self, kind: str, key: str, words: Sequence[str]) -> CodePlace | None:
        """Where a code with these words stands among those that are found, None if it is not. `words` are in order of
        the alphabet."""
        if key.startswith(self.begins):
            return CodePlace(False, "", key, kind)
        found = next((word for word in words if word.startswith(self.word)), "") if self.word else ""
        if not found or not all(any(word.startswith(other) for word in words) for other in self.others):
            return None
        return CodePlace(True, found, key, kind)
