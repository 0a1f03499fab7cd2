"""The web application: the API's routes and the overview page, behind the same middlewares."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import BaseModel

from adapters.inbound.console.pages import console_routes
from adapters.inbound.http.call import Call
from adapters.inbound.http.csv_media import read_csv_body, speaks_csv
from adapters.inbound.http.middlewares import answer_problems, harden, log_request, require_operator_key
from adapters.inbound.http.models.wire import Csv, Nothing
from adapters.inbound.http.reading import read_body, read_query
from adapters.inbound.http.routes import ROUTES, CsvSide, Route
from adapters.inbound.http.servicetrade_hook import hook_routes
from adapters.inbound.use_cases import UseCases
from core.model.alias_csv import MOST_BYTES

BODY_LIMIT = 1_000_000


def make_app(
    use_cases: UseCases, *, ready: Callable[[], Awaitable[None]], public_overview: bool
) -> web.Application:
    """`ready` raises a JobferryError if the database does not answer; `public_overview` shows the page without key."""
    app = web.Application(
        middlewares=[log_request, answer_problems, require_operator_key(use_cases.operator_key)],
        client_max_size=BODY_LIMIT,
    )
    app.on_response_prepare.append(harden)
    for route in ROUTES:
        serve = _serve(route, use_cases, ready)
        if route.method == "GET":
            app.router.add_get(route.path, serve)  # answers HEAD too
        else:
            app.router.add_route(route.method, route.path, serve)
    app.add_routes(hook_routes(use_cases))
    app.add_routes(console_routes(use_cases, public=public_overview))
    return app


def _serve(route: Route, use_cases: UseCases, ready: Callable[[], Awaitable[None]]) -> Handler:
    async def serve(request: web.Request) -> web.Response:
        side: Route | CsvSide = route.csv if route.csv and speaks_csv(request) else route
        read, csv = await _read(request, route, side)
        call = Call(
            use_cases=use_cases, ready=ready, input=read, path=request.match_info, headers=request.headers, csv=csv
        )
        reply = await side.handler(call)
        if isinstance(reply.body, Csv):
            return web.Response(text=reply.body.text, content_type="text/csv", charset="utf-8", headers=reply.headers)
        if route.status == HTTPStatus.NO_CONTENT:
            return web.Response(status=route.status, headers=reply.headers)
        text = reply.body.model_dump_json()
        return web.Response(
            text=text, status=route.status, content_type="application/json", headers=reply.headers
        )

    serve.__name__ = route.name  # what the log calls it
    return serve


async def _read(request: web.Request, route: Route, side: Route | CsvSide) -> tuple[BaseModel, bytes]:
    """The input and, where that is text/csv, the body."""
    if route.method == "GET":
        return read_query(request, side.takes), b""
    if side is route:
        read = await read_body(request, side.takes)
        if route.csv:
            read_query(request, Nothing)  # what is meant for the other side, such as `dry_run`, must not get lost
        return read, b""
    return read_query(request, side.takes), await read_csv_body(request, MOST_BYTES)
