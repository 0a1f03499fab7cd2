"""The middlewares of every request, from the outside in: the log line, errors as problems, the key."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from adapters.inbound.server.access import CALLER
from adapters.inbound.server.load import was_shed
from adapters.inbound.server.problem import SAFE_HEADERS, problem_of, problem_of_transport, unexpected_problem
from adapters.inbound.server.request_id import HEADER, request_id_of
from core.model.access.caller import Caller
from core.model.shared.errors import JobferryError

_log = structlog.get_logger()


def log_request(client_of: Callable[[web.Request], str]) -> Middleware:
    """Log one line for each request, without headers and bodies, which may contain secrets; requests that were refused
    because of the load are counted in the log (`Load.refuse`). This line and all others of the request have its id and
    the client's address, and as soon as they are known the key's or the person's id."""

    @web.middleware
    async def logged(request: web.Request, handler: Handler) -> web.StreamResponse:
        started = time.perf_counter()
        structlog.contextvars.bind_contextvars(request_id=request_id_of(request), client=client_of(request))
        try:
            response = await handler(request)
            if not was_shed(request):
                _log.info(
                    "request.answered",
                    method=request.method,
                    route=route_name(request),
                    status=response.status,
                    milliseconds=round((time.perf_counter() - started) * 1000, 1),
                    tenant=request.match_info.get("tenant"),
                )
            return response
        finally:
            structlog.contextvars.clear_contextvars()  # the next request over this TCP connection has its own

    return logged


PageOf = Callable[[web.Request, Exception], Awaitable[web.Response]]
"""Makes the page for people out of an error."""
_FOR_PROGRAMS = ("/v1", "/hooks", "/openapi.json", "/livez", "/readyz", "/metrics")


def answer_problems(page_of: PageOf) -> Middleware:
    """Turn every error into a problem document, or into a page if a browser asks for one; a client never sees a
    traceback."""

    @web.middleware
    async def answered(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            if not request.path.isprintable():
                raise web.HTTPNotFound
            return await handler(request)
        except JobferryError as refused:
            error: Exception = refused
            problem = problem_of(refused, request_id_of(request))
        except web.HTTPException as refused:
            error, problem = refused, problem_of_transport(refused, request_id_of(request))
        except Exception as failed:
            error, problem = failed, unexpected_problem(request_id_of(request))
            _log.exception("request.failed", method=request.method, route=route_name(request))
        return await page_of(request, error) if asks_for_a_page(request) else problem

    return answered


def asks_for_a_page(request: web.Request) -> bool:
    """Whether a person's browser asks, and not for an address of the API."""
    if any(request.path == one or request.path.startswith(f"{one}/") for one in _FOR_PROGRAMS):
        return False
    accepted = ",".join(request.headers.getall("Accept", []))
    return "text/html" in accepted and "json" not in accepted


def require_key(check: Callable[[web.Request], Awaitable[Caller]]) -> Middleware:
    """Every address under /v1 needs a key, also addresses that do not exist."""

    @web.middleware
    async def authorise(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path == "/v1" or request.path.startswith("/v1/"):
            caller = request[CALLER] = await check(request)
            if caller.key is not None:
                structlog.contextvars.bind_contextvars(key_id=caller.key.id)
        return await handler(request)

    return authorise


async def harden(request: web.Request, response: web.StreamResponse) -> None:
    """Set the request's id, and the safe headers that the handler has not set. aiohttp has set `Server` by now."""
    response.headers[HEADER] = request_id_of(request)
    response.headers["Server"] = SAFE_HEADERS["Server"]
    for name, value in SAFE_HEADERS.items():
        response.headers.setdefault(name, value)


def route_name(request: web.Request) -> str | None:
    """The name in the table of routes; None for an unknown address or method."""
    matched = request.match_info
    return None if matched.http_exception else getattr(matched.handler, "__name__", None)
