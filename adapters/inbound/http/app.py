"""The web application: the API's routes and the overview page, behind the same middlewares."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler

from adapters.inbound.console.pages import console_routes
from adapters.inbound.http.access import CALLER
from adapters.inbound.http.call import Call
from adapters.inbound.http.middlewares import answer_problems, harden, log_request, require_key
from adapters.inbound.http.reading import read_body, read_query
from adapters.inbound.http.routes import ROUTES, Route
from adapters.inbound.http.servicetrade_hook import hook_routes
from adapters.inbound.use_cases import UseCases
from core.model.api_key import Caller

BODY_LIMIT = 1_000_000


def make_app(
    use_cases: UseCases, *, ready: Callable[[], Awaitable[None]], public_overview: bool
) -> web.Application:
    """`ready` raises a JobferryError if the database does not answer; `public_overview` shows the page without key."""
    app = web.Application(
        middlewares=[log_request, answer_problems, require_key(use_cases.authenticate)],
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
        caller = request.get(CALLER) or Caller(who="nobody")
        slug = request.match_info.get("tenant")
        tenant = await use_cases.find_tenant(slug, caller) if slug else None
        route.access.require(caller)
        read = read_query(request, route.takes) if route.method == "GET" else await read_body(request, route.takes)
        call = Call(
            use_cases=use_cases, ready=ready, input=read, path=request.match_info, headers=request.headers,
            caller=caller, of_tenant=tenant,
        )  # fmt: skip
        reply = await route.handler(call)
        if route.status == HTTPStatus.NO_CONTENT:
            return web.Response(status=route.status, headers=reply.headers)
        text = reply.body.model_dump_json()
        return web.Response(
            text=text, status=route.status, content_type="application/json", headers=reply.headers
        )

    serve.__name__ = route.name  # what the log calls it
    return serve
