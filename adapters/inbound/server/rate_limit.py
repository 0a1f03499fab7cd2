"""Token buckets: so many requests a minute and owner, saved up to a minute's worth."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

WINDOW_SECONDS = 60
MOST_OWNERS = 10_000


@dataclass(frozen=True, slots=True)
class Standing:
    """How an owner stands after asking: what is left, and the seconds until all of it is back.

    `retry_after` is None where the request may go on.
    """

    quota: int
    remaining: int
    reset_seconds: int
    retry_after: int | None = None


class TokenBuckets:
    """One bucket an owner, of which the `most` that were seen last are remembered; a forgotten one is full again.

    `seconds` is a clock that never goes back.
    """

    def __init__(self, per_minute: int, seconds: Callable[[], float], *, most: int = MOST_OWNERS) -> None:
        self._quota = per_minute
        self._rate = per_minute / WINDOW_SECONDS
        self._seconds = seconds
        self._most = most
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, owner: str) -> Standing:
        """One token, if there is one."""
        now, tokens = self._seconds(), self._tokens(owner)
        enough = tokens >= 1
        left = tokens - 1 if enough else tokens
        self._buckets[owner] = (left, now)
        self._buckets.move_to_end(owner)
        while len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        return self._standing(left, refused=not enough)

    def look(self, owner: str) -> Standing:
        """What `take` would say of an empty bucket, without taking anything."""
        tokens = self._tokens(owner)
        return self._standing(tokens, refused=tokens < 1)

    def _tokens(self, owner: str) -> float:
        left, at = self._buckets.get(owner, (float(self._quota), self._seconds()))
        return min(float(self._quota), left + (self._seconds() - at) * self._rate)

    def _standing(self, tokens: float, *, refused: bool) -> Standing:
        return Standing(
            quota=self._quota,
            remaining=math.floor(tokens),
            reset_seconds=math.ceil((self._quota - tokens) / self._rate),
            retry_after=max(1, math.ceil((1 - tokens) / self._rate)) if refused else None,
        )
