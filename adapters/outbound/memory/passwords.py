"""Passwords that are quick to check, for tests: never for real ones."""

from __future__ import annotations

import hashlib
import hmac

from ports.passwords import Passwords


class MemoryPasswords(Passwords):
    async def hash(self, password: str) -> str:
        return hashlib.sha256(password.encode()).hexdigest()

    async def verify(self, stored: str | None, password: str) -> bool:
        return hmac.compare_digest(stored or "", await self.hash(password))

    def outdated(self, stored: str) -> bool:
        return False
