"""Rate limiting middlewares: for an owner's requests, and for a peer's wrong keys."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from adapters.inbound.server.access import CALLER
from adapters.inbound.server.rate_limit import WINDOW_SECONDS, Standing, TokenBuckets
from core.model.shared.errors import TimeMends, Unauthorized

_STANDING = web.RequestKey("standing", tuple[str, Standing])


class RateLimited(TimeMends):
    """Too many requests in a minute."""

    default_code = "RATE_LIMITED"


def limit_rate(buckets: TokenBuckets, owner_of: Callable[[web.Request], tuple[str, str] | None]) -> Middleware:
    """`owner_of` gives the policy and the owner of the bucket, or None for a request without limit. Runs after the
    check of the key, so that nobody can use up the quota of another owner."""

    @web.middleware
    async def take_a_token(request: web.Request, handler: Handler) -> web.StreamResponse:
        if (found := owner_of(request)) is not None:
            policy, owner = found
            standing = buckets.take(owner)
            request[_STANDING] = policy, standing
            if standing.retry_after is not None:
                raise RateLimited(
                    f"More than {standing.quota} requests a minute.",
                    fix=f"Wait {standing.retry_after} seconds, then send more slowly.",
                    retry_after=standing.retry_after,
                )
        return await handler(request)

    return take_a_token


def limit_bad_keys(buckets: TokenBuckets, peer_of: Callable[[web.Request], str]) -> Middleware:
    """Runs before the check of the key, so that a peer with too many wrong keys causes no look-up."""

    @web.middleware
    async def count_refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
        if "Authorization" not in request.headers:
            return await handler(request)
        peer = peer_of(request)
        if (barred := buckets.look(peer).retry_after) is not None:
            raise RateLimited("Too many wrong keys came from this address.", fix="Use a valid key.", retry_after=barred)
        try:
            return await handler(request)
        except Unauthorized:
            buckets.take(peer)
            raise

    return count_refusals


def owner_of(request: web.Request) -> tuple[str, str] | None:
    """All keys of a tenant share one bucket; each operator key has its own."""
    caller = request.get(CALLER)
    if caller is None or caller.key is None:
        return None
    if caller.tenant_id is not None:
        return "tenant", f"tenant:{caller.tenant_id}"
    return "operator", f"operator:{caller.key.id}"


async def tell_standing(request: web.Request, response: web.StreamResponse) -> None:
    """Set the headers of draft-ietf-httpapi-ratelimit-headers, also on refusals."""
    if (found := request.get(_STANDING)) is not None:
        policy, standing = found
        response.headers["RateLimit-Policy"] = f'"{policy}";q={standing.quota};w={WINDOW_SECONDS}'
        response.headers["RateLimit"] = f'"{policy}";r={standing.remaining};t={standing.reset_seconds}'
