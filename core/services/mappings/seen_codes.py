"""Which codes a reading has shown, in few bytes for each."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable
from hashlib import blake2b

from core.model.mappings.listed_check import Code


class SeenCodes:
    """Eight bytes for each code. Two codes of a list share them less than once in a thousand million lists; then one
    that is gone in Spectrum stays listed here."""

    def __init__(self) -> None:
        self._hashes = array("Q")
        self._sorted = True

    def add(self, codes: Iterable[Code]) -> None:
        self._hashes.extend(_hash(code) for code in codes)
        self._sorted = False

    def __contains__(self, code: Code) -> bool:
        if not self._sorted:
            self._hashes = array("Q", sorted(self._hashes))
            self._sorted = True
        wanted = _hash(code)
        place = bisect_left(self._hashes, wanted)
        return place < len(self._hashes) and self._hashes[place] == wanted


def _hash(code: Code) -> int:
    kind, text = code
    return int.from_bytes(blake2b(f"{kind} {text}".encode(), digest_size=8).digest(), "big")
