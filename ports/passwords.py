"""Password hashes: slow to guess, and with all parameters that a check needs."""

from __future__ import annotations

from abc import abstractmethod
from typing import Protocol


class Passwords(Protocol):
    @abstractmethod
    async def hash(self, password: str) -> str: ...

    @abstractmethod
    async def verify(self, stored: str | None, password: str) -> bool:
        """Whether the password is right. For None (no such person) it takes as long and returns False."""
        ...

    @abstractmethod
    def outdated(self, stored: str) -> bool:
        """Whether the hash was made with weaker parameters than the present ones."""
        ...
