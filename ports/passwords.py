"""Passwords as they are stored: slow to guess, and with everything in the hash that checking it needs."""

from __future__ import annotations

from abc import abstractmethod
from typing import Protocol


class Passwords(Protocol):
    @abstractmethod
    async def hash(self, password: str) -> str: ...

    @abstractmethod
    async def verify(self, stored: str | None, password: str) -> bool:
        """None, for nobody, takes as long as for somebody and is never right."""
        ...

    @abstractmethod
    def outdated(self, stored: str) -> bool:
        """Whether it was made by weaker rules than today's."""
        ...
