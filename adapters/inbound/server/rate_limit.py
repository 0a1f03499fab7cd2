"""Token buckets: a number of requests for each minute and owner. A full bucket holds one minute's requests."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

WINDOW_SECONDS = 60
MOST_OWNERS = 10_000


@dataclass(frozen=True, slots=True)
class Standing:
    """An owner's bucket after a request: the tokens left, and the seconds until it is full again.

    `retry_after` is None if the request is allowed.
    """

    quota: int
    remaining: int
    reset_seconds: int
    retry_after: int | None = None


class TokenBuckets:
    """One bucket for each owner. Only the `most` recent owners are kept; a forgotten owner has a full bucket again.

    `seconds` is a monotonic clock.
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
        """Take one token, if there is one."""
        now, tokens = self._seconds(), self._tokens(owner)
        enough = tokens >= 1
        left = tokens - 1 if enough else tokens
        self._buckets[owner] = (left, now)
        self._buckets.move_to_end(owner)
        while len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        return self._standing(left, refused=not enough)

    def look(self, owner: str) -> Standing:
        """The bucket's state, without taking a token."""
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
