"""Hashes passwords with Argon2id, in a thread, since each hash takes some hundredths of a second and 64 MB."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Sequence
from functools import cached_property

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import Argon2Error, InvalidHashError

from ports.passwords import Passwords

_AT_ONCE = 2
"""Limit for parallel hashes, since each needs 64 MB."""


class Argon2Passwords(Passwords):
    """Argon2id. The default parameters are those of RFC 9106 for environments with little memory."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def hash(self, password: str, others: Sequence[str] = ()) -> str:
        async with self._turn:
            return await asyncio.to_thread(self._hasher.hash, password, salt=_salt_of(others))

    async def right_of(self, stored: Sequence[str], password: str) -> frozenset[str]:
        async with self._turn:
            return await asyncio.to_thread(self._right_of, stored, password)

    def outdated(self, stored: str, others: Sequence[str] = ()) -> bool:
        return self._hasher.check_needs_rehash(stored) or _salt_of([stored]) != _salt_of([*others, stored])

    @cached_property
    def _nobody(self) -> str:
        """Made with the first check, since a command that checks no password must not wait for it."""
        return self._hasher.hash("nobody's")

    def _right_of(self, stored: Sequence[str], password: str) -> frozenset[str]:
        nobody = self._nobody  # for everybody, so that the first check takes as long with and without a person
        made = {self._again(one, password) for one in {_beginning(one): one for one in stored}.values()}
        if not made - {None}:
            self._again(nobody, password)
        return frozenset(one for one in stored if one in made)

    def _again(self, stored: str, password: str) -> str | None:
        """The hash of this password with the parameters and the salt of another, None if that is no hash."""
        try:
            hasher = PasswordHasher.from_parameters(extract_parameters(stored))
            return hasher.hash(password, salt=_salt_of([stored]))
        except (Argon2Error, InvalidHashError, UnicodeEncodeError):
            return None


def _beginning(stored: str) -> str:
    """Everything before the hash itself: parameters and salt."""
    return stored.rpartition("$")[0]


def _salt_of(stored: Sequence[str]) -> bytes | None:
    """The first salt; None if there is none."""
    for one in stored:
        written = _beginning(one).rpartition("$")[2]
        try:
            extract_parameters(one)
            return base64.b64decode(written + "=" * (-len(written) % 4), validate=True)
        except (InvalidHashError, ValueError):
            continue
    return None
