"""Passwords that are quick to check, for tests: never for real ones."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from ports.passwords import Passwords


class MemoryPasswords(Passwords):
    async def hash(self, password: str, others: Sequence[str] = ()) -> str:
        return hashlib.sha256(password.encode()).hexdigest()

    async def right_of(self, stored: Sequence[str], password: str) -> frozenset[str]:
        return frozenset(stored) & {await self.hash(password)}

    def outdated(self, stored: str, others: Sequence[str] = ()) -> bool:
        return False
