"""Rate limits: token buckets, and the middleware for an owner's requests."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from adapters.inbound.server.access import CALLER
from core.model.shared.errors import TimeMends

WINDOW_SECONDS = 60
MOST_OWNERS = 10_000
SLOWED_SECONDS = 3.0
"""How long a try waits that others, by wrong passwords or keys, must be able to slow down but not to keep out."""
Pause = Callable[[float], Awaitable[None]]


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
        tokens = self._tokens(owner)
        enough = tokens >= 1
        left = tokens - 1 if enough else tokens
        self._keep(owner, left)
        return self._standing(left, refused=not enough)

    def reserve(self, owner: str, ahead: int) -> float | None:
        """Take one token, also one of the `ahead` next ones. The seconds until it is there, None if it is none of
        these."""
        left = self._tokens(owner) - 1
        if left < -ahead:
            return None
        self._keep(owner, left)
        return max(0.0, -left / self._rate)

    def give_back(self, owner: str) -> None:
        """A token was not used up."""
        self._keep(owner, min(float(self._quota), self._tokens(owner) + 1))

    def look(self, owner: str) -> Standing:
        """The bucket's state, without taking a token."""
        tokens = self._tokens(owner)
        return self._standing(tokens, refused=tokens < 1)

    def _keep(self, owner: str, left: float) -> None:
        self._buckets[owner] = (left, self._seconds())
        self._buckets.move_to_end(owner)
        while len(self._buckets) > self._most:
            self._buckets.popitem(last=False)

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


_STANDING = web.RequestKey("standing", tuple[str, Standing])


class RateLimited(TimeMends):
    """Too many requests in a minute."""

    default_code = "RATE_LIMITED"


def limit_rate(buckets: TokenBuckets) -> Middleware:
    """Runs after the check of the key, so that nobody can use up the quota of another owner."""

    @web.middleware
    async def take_a_token(request: web.Request, handler: Handler) -> web.StreamResponse:
        if (owner := owner_of(request)) is not None:
            standing = buckets.take(owner)
            request[_STANDING] = owner.partition(":")[0], standing
            if standing.retry_after is not None:
                raise RateLimited(
                    f"More than {standing.quota} requests a minute.",
                    fix=f"Wait {standing.retry_after} seconds, then send more slowly.",
                    retry_after=standing.retry_after,
                )
        return await handler(request)

    return take_a_token


def owner_of(request: web.Request) -> str | None:
    """Whose limits apply, after the name of their policy; None for a request without limit. All keys of a tenant share
    their limits; each operator key has its own."""
    caller = request.get(CALLER)
    if caller is None or caller.key is None:
        return None
    if caller.tenant_id is not None:
        return f"tenant:{caller.tenant_id}"
    return f"operator:{caller.key.id}"


async def tell_standing(request: web.Request, response: web.StreamResponse) -> None:
    """Set the headers of draft-ietf-httpapi-ratelimit-headers, also on refusals."""
    if (found := request.get(_STANDING)) is not None:
        policy, standing = found
        response.headers["RateLimit-Policy"] = f'"{policy}";q={standing.quota};w={WINDOW_SECONDS}'
        response.headers["RateLimit"] = f'"{policy}";r={standing.remaining};t={standing.reset_seconds}'
