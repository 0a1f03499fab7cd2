"""Slows down guesses of passwords. Wrong passwords of others never keep out somebody who has the right one.

Reasons: docs/decisions/0028-sign-in.md.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from adapters.inbound.server.rate_limit import SLOWED_SECONDS, Pause, TokenBuckets

TRIES_A_MINUTE = 10
TRIES_OF_A_PEER = 60
"""A minute, for all accounts together: an office may share one address."""
AHEAD, AHEAD_OF_A_PEER = 5, 30
"""So many tries may wait for their turn: half a minute."""


@dataclass(frozen=True, slots=True)
class Turn:
    """`refused_for` are the seconds until a try may wait again, None if it may be made now."""

    taken: Sequence[tuple[TokenBuckets, str]] = ()
    refused_for: int | None = None

    def right(self) -> None:
        """Nothing was wrong, so nothing is counted."""
        for buckets, owner in self.taken:
            buckets.give_back(owner)


_Count = tuple[TokenBuckets, str, int]
"""Buckets, whose tries they count, and how many of these may wait."""


class SignInTries:
    """`seconds` is a monotonic clock, `pause` waits."""

    def __init__(self, seconds: Callable[[], float], pause: Pause = asyncio.sleep) -> None:
        self._identity = TokenBuckets(TRIES_OF_A_PEER, seconds)
        self._pairs = TokenBuckets(TRIES_A_MINUTE, seconds)
        self._peers = TokenBuckets(TRIES_OF_A_PEER, seconds)
        self._accounts = TokenBuckets(TRIES_A_MINUTE, seconds)
        self._pause = pause

    async def turn(self, peer: str, email: str, known_mark: str) -> Turn:
        """Wait until the password may be checked. Tries for one account are counted for each address that they come
        from. Those of browsers with a `known_mark` are counted apart, and for each mark too, because somebody with
        another account of the same e-mail address can have as many marks as they like. From other browsers, they are
        also counted by address and by account. Over the count of an address, alone or with an account, a try waits for
        its turn; over that of an account, a fixed time. Only where too many wait for an address are more refused."""
        account = hashlib.sha256(email.strip().lower().encode("utf-8", "surrogatepass")).hexdigest()
        if known_mark:
            own = (self._pairs, f"browser {known_mark}", AHEAD)
            return await self._after(own, (self._pairs, f"known {peer} {account}", AHEAD))
        pair = (self._pairs, f"{peer} {account}", AHEAD)
        return await self._after(pair, (self._peers, peer, AHEAD_OF_A_PEER), account=account)

    async def turn_at_provider(self, peer: str) -> Turn:
        """Wait until the identity provider may be asked. Tries are counted by address, right ones not at all."""
        return await self._after((self._identity, peer, AHEAD_OF_A_PEER))

    async def _after(self, *counts: _Count, account: str = "") -> Turn:
        taken: list[tuple[TokenBuckets, str]] = []
        seconds = 0.0
        for buckets, owner, ahead in counts:
            wait = buckets.reserve(owner, ahead)
            if wait is None:
                Turn(taken).right()
                return Turn(refused_for=buckets.look(owner).retry_after)
            taken.append((buckets, owner))
            seconds = max(seconds, wait)
        if account:
            if self._accounts.take(account).retry_after:
                seconds = max(seconds, SLOWED_SECONDS)
            else:
                taken.append((self._accounts, account))
        if seconds:
            await self._pause(seconds)
        return Turn(taken)
