"""What removed connections have posted, as hashes that tell nothing to whoever cannot name the item."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Set
from typing import Protocol


class PostedBefore(Protocol):
    @abstractmethod
    async def remember(self, keys: Collection[bytes]) -> None: ...

    @abstractmethod
    async def among(self, keys: Collection[bytes]) -> Set[bytes]:
        """Those of `keys` that are remembered."""
        ...
