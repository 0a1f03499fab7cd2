"""Hashes passwords with Argon2id, in a thread, since each hash takes some hundredths of a second and 64 MB."""

from __future__ import annotations

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from ports.passwords import Passwords

_AT_ONCE = 2
"""Limit for parallel hashes, since each needs 64 MB."""


class Argon2Passwords(Passwords):
    """Argon2id. The default parameters are those of RFC 9106 for environments with little memory."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._nobody = self._hasher.hash("nobody's")
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def hash(self, password: str) -> str:
        async with self._turn:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def verify(self, stored: str | None, password: str) -> bool:
        async with self._turn:
            return await asyncio.to_thread(self._verify, stored or self._nobody, password) and stored is not None

    def outdated(self, stored: str) -> bool:
        return self._hasher.check_needs_rehash(stored)

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (Argon2Error, InvalidHashError):
            return False
