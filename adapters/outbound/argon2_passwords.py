"""Hashes passwords with Argon2id, in threads of its own, since each hash takes some hundredths of a second and 64 MB.

The event loop's usual threads also look up names of hosts: while those of a few tenants do not answer, all of these
threads wait, and nobody could sign in.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, partial
from typing import TypeVar

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import Argon2Error, InvalidHashError

from ports.passwords import Passwords

_Made = TypeVar("_Made")
_AT_ONCE = 2
"""Limit for parallel hashes, since each needs 64 MB."""


class Argon2Passwords(Passwords):
    """Argon2id. The default parameters are those of RFC 9106 for environments with little memory."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._threads = ThreadPoolExecutor(_AT_ONCE, "password")

    async def hash(self, password: str, others: Sequence[str] = ()) -> str:
        return await self._in_a_thread(partial(self._hasher.hash, password, salt=_salt_of(others)))

    async def right_of(self, stored: Sequence[str], password: str) -> frozenset[str]:
        return await self._in_a_thread(partial(self._right_of, stored, password))

    def outdated(self, stored: str, others: Sequence[str] = ()) -> bool:
        return self._hasher.check_needs_rehash(stored) or _salt_of([stored]) != _salt_of([*others, stored])

    async def _in_a_thread(self, work: Callable[[], _Made]) -> _Made:
        """Of those who wait for a thread, who came first is next; who does not wait any more is left out."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

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
