"""The HTTP server of an installation: the routes of API and console on one address, behind the same middlewares."""

from __future__ import annotations

import asyncio
import errno
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from importlib.metadata import version

import structlog
from aiohttp import web

from adapters.bootstrap.runtime import Runtime
from adapters.inbound.api.reference import reference_routes
from adapters.inbound.api.routes import HEALTH, ROUTES
from adapters.inbound.api.servicetrade_hook import hook_routes
from adapters.inbound.api.serving import api_routes
from adapters.inbound.console.error_pages import ErrorPages
from adapters.inbound.console.rendering import page, render
from adapters.inbound.console.routes import console_routes
from adapters.inbound.console.sign_in_tries import SignInTries
from adapters.inbound.server.event_stream import Streams
from adapters.inbound.server.key_check import KeyCheck
from adapters.inbound.server.limits import BODY_LIMIT, LIMITS
from adapters.inbound.server.listener import ConnectionLimiter, serving
from adapters.inbound.server.load import Load, free_connection, shed_load
from adapters.inbound.server.metrics import Metrics, metrics_routes
from adapters.inbound.server.middlewares import answer_problems, harden, log_request, require_key
from adapters.inbound.server.owner_limit import OwnerLimit, SharedPlaces
from adapters.inbound.server.peers import client_of, peer_of
from adapters.inbound.server.rate_limit import Pause, TokenBuckets, limit_rate, tell_standing
from adapters.inbound.server.readiness import Readiness
from core.model.shared.errors import OperatorMends
from core.services.wiring import UseCases
from ports.change_feed import ChangeFeed

_log = structlog.get_logger()


def make_app(
    use_cases: UseCases,
    change_feed: ChangeFeed,
    *,
    ready: Callable[[], Awaitable[None]],
    limiter: ConnectionLimiter | None = None,
    open_metrics: bool = False,
    seconds: Callable[[], float] = time.monotonic,
    pause: Pause = asyncio.sleep,
    silent_endpoints: Callable[[], int] = lambda: 0,
    only_health: bool = False,
) -> web.Application:
    """The web application. `ready` raises a JobferryError if the database does not answer. With `open_metrics`,
    requests from this machine need no key for the metrics. `pause` waits before a slowed sign-in or check of a key.
    `limiter` counts the server's TCP connections, `silent_endpoints` the Spectrum endpoints that do not answer this
    process's worker. When the server stops, `change_feed` lets everybody go who waits. With `only_health` it is the one
    of a worker: whether it lives and can work, and its metrics."""
    if limiter is None:
        limiter = ConnectionLimiter(LIMITS)
    limits = limiter.limits
    load = Load(limits.requests_at_once, limits.connections // 2, seconds, pause)
    metrics = Metrics(limiter, load, use_cases.collect_stats, seconds, silent_endpoints)
    of_request = partial(peer_of, limits.trusted_proxies)
    client = partial(client_of, limits.trusted_proxies)
    check = KeyCheck(use_cases.authenticate, TokenBuckets(limits.bad_keys_per_minute, seconds), of_request, pause)
    errors = ErrorPages(use_cases)
    app = web.Application(
        middlewares=[
            metrics.measure,
            log_request(client),
            answer_problems(errors),
            require_key(check),
        ],
        client_max_size=BODY_LIMIT,
    )
    if limits.requests_per_minute:
        app.middlewares.append(limit_rate(TokenBuckets(limits.requests_per_minute, seconds)))
    app.middlewares.append(shed_load(load))
    app.on_response_prepare.extend((harden, tell_standing, free_connection))
    waiting = SharedPlaces(limits.waiting_connections)
    streams = Streams(
        change_feed,
        OwnerLimit(limits.streams_per_owner, waiting),
        limits.stream_seconds,
        of_person=OwnerLimit(limits.streams_per_person),
    )
    waits = OwnerLimit(limits.waits_per_owner, waiting)

    async def let_go(_: web.Application) -> None:
        change_feed.end()

    app.on_shutdown.append(let_go)
    table = HEALTH if only_health else ROUTES
    app.add_routes(api_routes(use_cases, Readiness(ready, seconds), limits, streams, waits, table))
    app.add_routes(metrics_routes(metrics, check, keyless=open_metrics))
    if not only_health:
        app.add_routes(reference_routes(render, page))
        app.add_routes(hook_routes(use_cases, body_seconds=limits.body_seconds))
        tries = SignInTries(seconds, pause)
        app.add_routes(console_routes(use_cases, tries=tries, peer_of=of_request, streams=streams, errors=errors))
    return app


@asynccontextmanager
async def open_http_server(runtime: Runtime, host: str, port: int, *, only_health: bool = False) -> AsyncIterator[str]:
    """Serve until the block ends; yields the address without a slash at the end. Port 0 takes any free one.

    Raises OperatorMends (PORT_TAKEN) if another program listens there, and OperatorMends (CANNOT_LISTEN).
    """
    limiter = ConnectionLimiter(runtime.limits)
    gate = runtime.services.endpoint_gate
    app = make_app(
        runtime.use_cases,
        runtime.change_feed,
        ready=runtime.ready,
        limiter=limiter,
        open_metrics=runtime.open_metrics,
        silent_endpoints=lambda: gate.silent,
        only_health=only_health,
    )
    async with AsyncExitStack() as stack:
        try:
            address = await stack.enter_async_context(serving(app, host, port, limiter))
        except OSError as error:
            raise _cannot_listen(host, port, error) from error
        role = "worker" if only_health else "serve"
        _log.info(f"{role}.listening", address=address, version=version("jobferry"))
        try:
            yield address
        finally:
            _log.info(f"{role}.stopping", address=address)


def _cannot_listen(host: str, port: int, error: OSError) -> OperatorMends:
    if error.errno == errno.EADDRINUSE:
        return OperatorMends(
            f"Port {port} on {host} is taken by another program.",
            code="PORT_TAKEN",
            fix="Stop that program, or choose another port with --port (or JOBFERRY_PORT).",
        )
    return OperatorMends(
        f"Jobferry cannot listen on {host}:{port}: {error.strerror or error}.",
        code="CANNOT_LISTEN",
        fix="Choose an address of this machine with --host, such as 127.0.0.1, and a port above 1023 with --port.",
    )
