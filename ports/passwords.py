"""Password hashes: slow to guess, and with all parameters that a check needs."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol


class Passwords(Protocol):
    """`others` and `stored` are the hashes of all people with one e-mail address. They share a salt, so that one
    computation compares a password with all of them, and its time does not say how many there are."""

    @abstractmethod
    async def hash(self, password: str, others: Sequence[str] = ()) -> str: ...

    @abstractmethod
    async def right_of(self, stored: Sequence[str], password: str) -> frozenset[str]:
        """The hashes of this password. It takes as long if nothing is stored."""
        ...

    @abstractmethod
    def outdated(self, stored: str, others: Sequence[str] = ()) -> bool:
        """Whether `hash` would make it with other parameters, or with another salt."""
        ...
