"""Which codes a reading has shown, in few bytes for each."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from hashlib import blake2b

_BUCKETS = 1024


class SeenCodes:
    """Different texts: eight bytes and a little for each, and never a second copy of them while they grow.

    Two of 500,000 share their eight bytes less than once in a hundred million readings. Then the second one is taken
    for known: it is not stored if it is new, and one that is gone in Spectrum stays listed here.
    """

    def __init__(self) -> None:
        # Sorted, and short: an insertion moves what is behind it.
        self._buckets = [array("Q") for _ in range(_BUCKETS)]
        self._count = 0

    def add(self, code: str) -> bool:
        """Return whether it is a new one."""
        bucket, place, hash, there = self._find(code)
        if not there:
            bucket.insert(place, hash)
            self._count += 1
        return not there

    def __contains__(self, code: str) -> bool:
        return self._find(code)[3]

    def __len__(self) -> int:
        return self._count

    def _find(self, code: str) -> tuple[array[int], int, int, bool]:
        hash = int.from_bytes(blake2b(code.encode(errors="surrogatepass"), digest_size=8).digest(), "big")
        bucket = self._buckets[hash % _BUCKETS]
        place = bisect_left(bucket, hash)
        return bucket, place, hash, place < len(bucket) and bucket[place] == hash
