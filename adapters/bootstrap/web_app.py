"""The web application: the routes of API and console, behind the same middlewares."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from functools import partial

from aiohttp import web

from adapters.inbound.api.reference import reference_routes
from adapters.inbound.api.servicetrade_hook import hook_routes
from adapters.inbound.api.serving import api_routes
from adapters.inbound.console.application import console_routes
from adapters.inbound.console.handlers.sign_in import TRIES_A_MINUTE
from adapters.inbound.console.rendering import page, render
from adapters.inbound.server.event_stream import Streams, follow
from adapters.inbound.server.limits import BODY_LIMIT, LIMITS
from adapters.inbound.server.metrics import Metrics, metrics_routes
from adapters.inbound.server.middlewares import answer_problems, harden, log_request, require_key
from adapters.inbound.server.peers import peer_of
from adapters.inbound.server.rate_limit import TokenBuckets, limit_bad_keys, limit_rate, owner_of, tell_standing
from adapters.inbound.server.tcp import ConnectionLimiter
from core.services.wiring import UseCases


def make_app(
    use_cases: UseCases,
    *,
    ready: Callable[[], Awaitable[None]],
    limiter: ConnectionLimiter | None = None,
    open_metrics: bool = False,
    seconds: Callable[[], float] = time.monotonic,
) -> web.Application:
    """The web application. `ready` raises a JobferryError if the database does not answer. With `open_metrics`,
    requests from this machine need no key for the metrics. `limiter` counts the server's TCP connections."""
    if limiter is None:
        limiter = ConnectionLimiter(LIMITS)
    limits, metrics = limiter.limits, Metrics(limiter, use_cases.collect_stats, seconds)
    app = web.Application(
        middlewares=[
            metrics.measure,
            log_request,
            answer_problems,
            limit_bad_keys(TokenBuckets(limits.bad_keys_per_minute, seconds), partial(peer_of, limits.trusted_proxies)),
            require_key(use_cases.authenticate),
        ],
        client_max_size=BODY_LIMIT,
    )
    if limits.requests_per_minute:
        app.middlewares.append(limit_rate(TokenBuckets(limits.requests_per_minute, seconds), owner_of))
    app.on_response_prepare.extend((harden, tell_standing))
    streams = Streams(limits.streams_per_owner)
    app.on_shutdown.append(streams.close)
    app.add_routes(api_routes(use_cases, ready, limits, streams))
    app.add_routes(reference_routes(render, page))
    app.add_routes(hook_routes(use_cases, body_seconds=limits.body_seconds))
    app.add_routes(metrics_routes(metrics, use_cases.authenticate, keyless=open_metrics))
    app.add_routes(
        console_routes(
            use_cases,
            tries=TokenBuckets(TRIES_A_MINUTE, seconds),
            peer_of=partial(peer_of, limits.trusted_proxies),
            follow=partial(follow, streams=streams, seconds=limits.stream_seconds),
        )
    )
    return app
