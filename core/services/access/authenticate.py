"""Find the caller that a request's API key belongs to. Results are cached for seconds, so a revoked key ends soon."""

from __future__ import annotations

from datetime import timedelta

from core.model.access.api_key import digest_of, well_formed
from core.model.access.caller import Caller
from core.model.shared.errors import Unauthorized
from core.services.service import Dependencies, Service

REMEMBERED_SECONDS = 2.0
"""How long a key still works here after another process revoked it or removed its tenant."""
_MOST_REMEMBERED = 10_000
_USE_TOLD_EVERY = timedelta(minutes=10)


class Authenticate(Service):
    def __init__(self, d: Dependencies) -> None:
        super().__init__(d)
        self._remembered: dict[bytes, tuple[Caller, float]] = {}

    async def __call__(self, text: str) -> Caller:
        """The caller of the key `text`. Raises Unauthorized if the key is not valid."""
        if not well_formed(text):
            raise _unknown("This key is incomplete or mistyped.")
        digest = digest_of(text)
        caller, until = self._remembered.get(digest, (None, 0.0))
        if caller and caller.key and self._clock.boot_seconds() < until and caller.key.valid(self._clock.now()):
            return caller
        self._remembered.pop(digest, None)
        caller = await self._find(digest)
        if len(self._remembered) >= _MOST_REMEMBERED:
            self._remembered.clear()
        self._remembered[digest] = caller, self._clock.boot_seconds() + REMEMBERED_SECONDS
        return caller

    async def _find(self, digest: bytes) -> Caller:
        now = self._clock.now()
        async with self._transactions.begin_instance() as i:
            key = await i.credentials.key(digest)
            if key is None:
                raise _unknown("This key is not valid.")
            if not key.valid(now):
                raise _unknown("This key has expired." if key.revoked_at is None else "This key was revoked.")
            if key.last_used_at is None or now - key.last_used_at >= _USE_TOLD_EVERY:
                await i.credentials.key_used(key.id, now)
        return Caller(key)


def _unknown(message: str) -> Unauthorized:
    return Unauthorized(message, fix="Send `Authorization: Bearer jf_...` with a key that is valid.")
