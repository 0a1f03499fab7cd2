"""What removed connections have posted, in memory."""

from __future__ import annotations

from collections.abc import Collection, Set

from ports.posted_before import PostedBefore


class MemoryPostedBefore(PostedBefore):
    def __init__(self, rows: set[bytes]) -> None:
        self._rows = rows

    async def remember(self, keys: Collection[bytes]) -> None:
        self._rows.update(keys)

    async def among(self, keys: Collection[bytes]) -> Set[bytes]:
        return self._rows.intersection(keys)
