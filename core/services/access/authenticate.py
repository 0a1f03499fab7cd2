"""Find the caller that a request's API key belongs to."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from core.model.access.api_key import digest_of, well_formed
from core.model.access.caller import Caller
from core.model.shared.errors import Unauthorized
from core.services.access.told_cache import ToldCache
from core.services.service import Dependencies, Service
from ports.change_feed import KEYS

_USE_TOLD_EVERY = timedelta(minutes=10)


class Authenticate(Service):
    """Remembers the keys in use, by their hashes. A revoked one, or one of a removed tenant, is forgotten at once."""

    def __init__(self, d: Dependencies) -> None:
        super().__init__(d)
        self._callers: ToldCache[bytes, Caller] = ToldCache(d.clock, d.change_feed, KEYS)

    async def __call__(self, text: str) -> Caller:
        """The caller of the key `text`. Raises Unauthorized if the key is not valid."""
        if not well_formed(text):
            raise _unknown("This key is incomplete or mistyped.")
        digest = digest_of(text)
        caller = await self._callers.get(digest, partial(self._find, digest))
        if caller.key is None or not caller.key.valid(self._clock.now()):
            raise _unknown("This key has expired.")
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
