"""The middlewares of every request, from the outside in: the log line, errors as problems, the key."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from adapters.inbound.server.access import CALLER
from adapters.inbound.server.problem import SAFE_HEADERS, problem_of, problem_of_transport, unexpected_problem
from core.model.access.caller import Caller
from core.model.shared.errors import JobferryError

_log = structlog.get_logger()


@web.middleware
async def log_request(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Log one line for each request, without headers and bodies, which may contain secrets."""
    started = time.perf_counter()
    response = await handler(request)
    _log.info(
        "request.answered",
        method=request.method,
        route=route_name(request),
        status=response.status,
        milliseconds=round((time.perf_counter() - started) * 1000, 1),
        tenant=request.match_info.get("tenant"),
    )
    return response


@web.middleware
async def answer_problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every error into a problem document; a client never sees a traceback."""
    try:
        if not request.path.isprintable():
            raise web.HTTPNotFound
        return await handler(request)
    except JobferryError as error:
        return problem_of(error)
    except web.HTTPException as refused:
        return problem_of_transport(refused)
    except Exception:
        response, error_id = unexpected_problem()
        _log.exception("request.failed", error_id=error_id, method=request.method, route=route_name(request))
        return response


def require_key(check: Callable[[web.Request], Awaitable[Caller]]) -> Middleware:
    """Every address under /v1 needs a key, also addresses that do not exist."""

    @web.middleware
    async def authorise(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path == "/v1" or request.path.startswith("/v1/"):
            request[CALLER] = await check(request)
        return await handler(request)

    return authorise


async def harden(_: web.Request, response: web.StreamResponse) -> None:
    """Set the safe headers that the handler has not set. aiohttp has set `Server` by now."""
    response.headers["Server"] = SAFE_HEADERS["Server"]
    for name, value in SAFE_HEADERS.items():
        response.headers.setdefault(name, value)


def route_name(request: web.Request) -> str | None:
    """The name in the table of routes; None for an unknown address or method."""
    matched = request.match_info
    return None if matched.http_exception else getattr(matched.handler, "__name__", None)
