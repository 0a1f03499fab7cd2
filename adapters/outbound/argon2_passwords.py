"""Hashes passwords with Argon2id, in a thread, since each hash takes some hundredths of a second and 64 MB."""

from __future__ import annotations

import asyncio
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from ports.passwords import Passwords

_AT_ONCE = 2
"""Limit for parallel hashes, since each needs 64 MB."""


class Argon2Passwords(Passwords):
    """Argon2id. The default parameters are those of RFC 9106 for environments with little memory."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def hash(self, password: str) -> str:
        async with self._turn:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def verify(self, stored: str | None, password: str) -> bool:
        async with self._turn:
            return await asyncio.to_thread(self._verify, stored, password)

    def outdated(self, stored: str) -> bool:
        return self._hasher.check_needs_rehash(stored)

    @cached_property
    def _nobody(self) -> str:
        """Made with the first check, since a command that checks no password must not wait for it."""
        return self._hasher.hash("nobody's")

    def _verify(self, stored: str | None, password: str) -> bool:
        nobody = self._nobody  # for everybody, so that the first check takes as long with and without a person
        try:
            return self._hasher.verify(stored or nobody, password) and stored is not None
        except (Argon2Error, InvalidHashError):
            return False
