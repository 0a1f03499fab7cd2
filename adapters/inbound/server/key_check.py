"""The check of a request's key. Wrong keys slow down the keys that are new at their address, and keep no right one out.

Reasons: docs/decisions/0020-limits.md.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable

from aiohttp import web

from adapters.inbound.server.rate_limit import MOST_OWNERS, SLOWED_SECONDS, Pause, TokenBuckets
from core.model.access.caller import Caller
from core.model.shared.errors import Unauthorized
from core.services.access.authenticate import Authenticate


class KeyCheck:
    """`wrong` counts wrong keys by address, `pause` waits. Over the count a key waits a fixed time before it is looked
    up, however many there are. One that was right before at its address does not wait: wrong keys of one program do not
    slow down another one beside it."""

    def __init__(
        self,
        authenticate: Authenticate,
        wrong: TokenBuckets,
        peer_of: Callable[[web.Request], str],
        pause: Pause = asyncio.sleep,
    ) -> None:
        self._authenticate = authenticate
        self._wrong = wrong
        self._peer_of = peer_of
        self._pause = pause
        self._right: OrderedDict[bytes, None] = OrderedDict()

    async def __call__(self, request: web.Request) -> Caller:
        """The caller of the request's key. Raises Unauthorized without a valid key."""
        key, peer = bearer(request), self._peer_of(request)
        here = hashlib.sha256(f"{peer} {key}".encode()).digest()
        if here not in self._right and self._wrong.look(peer).retry_after is not None:
            await self._pause(SLOWED_SECONDS)
        try:
            caller = await self._authenticate(key)
        except Unauthorized:
            self._right.pop(here, None)
            self._wrong.take(peer)
            raise
        self._right[here] = None
        self._right.move_to_end(here)
        if len(self._right) > MOST_OWNERS:
            self._right.popitem(last=False)
        return caller


def bearer(request: web.Request) -> str:
    """The key that a request carries. Raises Unauthorized if there is none that could be one."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    key = key.strip()
    if scheme.lower() != "bearer" or not key or not key.isascii():
        raise Unauthorized(
            "This call needs a key.",
            fix="Send `Authorization: Bearer jf_...` with a key of this Jobferry. Its operator makes keys.",
        )
    return key
