"""Passes an API request to its route's handler, and the handler's answer back to the client."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import BaseModel

from adapters.inbound.api.call import Call
from adapters.inbound.api.csv_media import read_csv_body, speaks_csv
from adapters.inbound.api.routes import ROUTES, CsvSide, Route
from adapters.inbound.schema.schema_base import Csv, Nothing
from adapters.inbound.server.access import CALLER
from adapters.inbound.server.event_stream import EventStream, Streams, follow
from adapters.inbound.server.limits import Limits
from adapters.inbound.server.middlewares import bearer
from adapters.inbound.server.quotas import owner_of
from adapters.inbound.server.reading import read_body, read_query
from core.model.access.caller import Caller
from core.model.mappings.alias_csv import MOST_BYTES
from core.services.wiring import UseCases


def api_routes(
    use_cases: UseCases, ready: Callable[[], Awaitable[None]], limits: Limits, streams: Streams
) -> Sequence[web.RouteDef]:
    """Every route of the table. A GET route also answers HEAD."""
    routes = []
    for route in ROUTES:
        serve = _serve(route, use_cases, ready, limits, streams)
        if route.method == "GET":
            routes.append(web.get(route.path, serve))
        else:
            routes.append(web.route(route.method, route.path, serve))
    return routes


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

    serve.__name__ = route.name  # the name in the log
    return serve


async def _stream(
    request: web.Request, body: EventStream, route: Route, use_cases: UseCases, streams: Streams, limits: Limits
) -> web.StreamResponse:
    async def allowed() -> None:
        caller = await use_cases.authenticate(bearer(request))
        route.access.require(caller)
        await use_cases.find_tenant(request.match_info["tenant"], caller)

    _, owner = owner_of(request) or ("", "")
    return await follow(request, body, owner=owner, allowed=allowed, streams=streams, seconds=limits.stream_seconds)


async def _read(request: web.Request, route: Route, side: Route | CsvSide, seconds: float) -> tuple[BaseModel, bytes]:
    """The input, and the body if it is text/csv."""
    if route.method == "GET":
        return read_query(request, side.takes), b""
    if side is route:
        read = await read_body(request, side.takes, seconds=seconds)
        if route.csv:
            read_query(request, Nothing)  # refuses parameters of the CSV form, such as `dry_run`
        return read, b""
    return read_query(request, side.takes), await read_csv_body(request, MOST_BYTES, seconds)
