"""The web application: the API's routes and the overview page, behind the same middlewares."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from functools import partial
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import BaseModel

from adapters.inbound.console.door import TRIES_A_MINUTE
from adapters.inbound.console.pages import console_routes
from adapters.inbound.http.access import CALLER
from adapters.inbound.http.call import Call
from adapters.inbound.http.connection import Doorkeeper
from adapters.inbound.http.csv_media import read_csv_body, speaks_csv
from adapters.inbound.http.event_stream import EventStream, Streams, stream
from adapters.inbound.http.limits import BODY_LIMIT, LIMITS, Limits
from adapters.inbound.http.metrics import Metrics, metrics_routes
from adapters.inbound.http.middlewares import answer_problems, bearer, harden, log_request, require_key
from adapters.inbound.http.models.wire import Csv, Nothing
from adapters.inbound.http.peers import peer_of
from adapters.inbound.http.quotas import limit_bad_keys, limit_rate, owner_of, tell_standing
from adapters.inbound.http.rate_limit import TokenBuckets
from adapters.inbound.http.reading import read_body, read_query
from adapters.inbound.http.routes import ROUTES, CsvSide, Route
from adapters.inbound.http.servicetrade_hook import hook_routes
from adapters.inbound.use_cases import UseCases
from core.model.access.caller import Caller
from core.model.mappings.alias_csv import MOST_BYTES


def make_app(
    use_cases: UseCases,
    *,
    ready: Callable[[], Awaitable[None]],
    public_overview: bool,
    doorkeeper: Doorkeeper | None = None,
    open_metrics: bool = False,
    seconds: Callable[[], float] = time.monotonic,
) -> web.Application:
    """`ready` raises a JobferryError if the database does not answer; `public_overview` shows the page without key,
    `open_metrics` the numbers to whoever asks from this machine. `doorkeeper` is the one of the connections."""
    if doorkeeper is None:
        doorkeeper = Doorkeeper(LIMITS)
    limits, metrics = doorkeeper.limits, Metrics(doorkeeper, use_cases.take_census, seconds)
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
    for route in ROUTES:
        serve = _serve(route, use_cases, ready, limits, streams)
        if route.method == "GET":
            app.router.add_get(route.path, serve)  # answers HEAD too
        else:
            app.router.add_route(route.method, route.path, serve)
    app.add_routes(hook_routes(use_cases, body_seconds=limits.body_seconds))
    app.add_routes(metrics_routes(metrics, use_cases.authenticate, keyless=open_metrics))
    app.add_routes(
        console_routes(
            use_cases,
            public=public_overview,
            tries=TokenBuckets(TRIES_A_MINUTE, seconds),
            peer_of=partial(peer_of, limits.trusted_proxies),
            follow=partial(_follow, streams=streams, seconds=limits.stream_seconds),
        )
    )
    return app


def _serve(
    route: Route, use_cases: UseCases, ready: Callable[[], Awaitable[None]], limits: Limits, streams: Streams
) -> Handler:
    async def serve(request: web.Request) -> web.StreamResponse:
        caller = request.get(CALLER) or Caller(who="nobody")
        slug = request.match_info.get("tenant")
        tenant = await use_cases.find_tenant(slug, caller) if slug else None
        route.access.require(caller)
        side: Route | CsvSide = route.csv if route.csv and speaks_csv(request) else route
        read, csv = await _read(request, route, side, limits.body_seconds)
        call = Call(
            use_cases=use_cases,
            ready=ready,
            input=read,
            path=request.match_info,
            headers=request.headers,
            caller=caller,
            of_tenant=tenant,
            csv=csv,
        )
        reply = await side.handler(call)
        if isinstance(reply.body, EventStream):
            return await _stream(request, reply.body, route, use_cases, streams, limits)
        if isinstance(reply.body, Csv):
            return web.Response(text=reply.body.text, content_type="text/csv", charset="utf-8", headers=reply.headers)
        if route.status == HTTPStatus.NO_CONTENT:
            return web.Response(status=route.status, headers=reply.headers)
        text = reply.body.model_dump_json()
        return web.Response(text=text, status=route.status, content_type="application/json", headers=reply.headers)

    serve.__name__ = route.name  # what the log calls it
    return serve


async def _stream(
    request: web.Request, body: EventStream, route: Route, use_cases: UseCases, streams: Streams, limits: Limits
) -> web.StreamResponse:
    async def allowed() -> None:
        caller = await use_cases.authenticate(bearer(request))
        route.access.require(caller)
        await use_cases.find_tenant(request.match_info["tenant"], caller)

    _, owner = owner_of(request) or ("", "")
    return await _follow(request, body, owner=owner, allowed=allowed, streams=streams, seconds=limits.stream_seconds)


async def _follow(
    request: web.Request,
    body: EventStream,
    *,
    owner: str,
    allowed: Callable[[], Awaitable[object]],
    streams: Streams,
    seconds: float,
) -> web.StreamResponse:
    if body.over:
        return web.Response(status=HTTPStatus.NO_CONTENT)
    with streams.place(owner):
        return await stream(request, body.following, streams=streams, allowed=allowed, seconds=seconds)


async def _read(request: web.Request, route: Route, side: Route | CsvSide, seconds: float) -> tuple[BaseModel, bytes]:
    """The input and, where that is text/csv, the body."""
    if route.method == "GET":
        return read_query(request, side.takes), b""
    if side is route:
        read = await read_body(request, side.takes, seconds=seconds)
        if route.csv:
            read_query(request, Nothing)  # what is meant for the other side, such as `dry_run`, must not get lost
        return read, b""
    return read_query(request, side.takes), await read_csv_body(request, MOST_BYTES, seconds)
