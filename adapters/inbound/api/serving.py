"""Passes an API request, as JSON or text/csv, to its route's handler, and the handler's answer back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager, nullcontext
from functools import partial
from http import HTTPStatus
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import BaseModel

from adapters.inbound.api.call import Call
from adapters.inbound.api.repeated import answered_once, json_answer
from adapters.inbound.api.routes import ROUTES, Mark, Route
from adapters.inbound.schema.schema_base import FileOut, Nothing
from adapters.inbound.server.access import CALLER
from adapters.inbound.server.download import streamed_download
from adapters.inbound.server.event_stream import Admission, EventStream, Streams
from adapters.inbound.server.key_check import bearer
from adapters.inbound.server.limits import Limits
from adapters.inbound.server.load import asking_remote, at_rest
from adapters.inbound.server.owner_limit import OwnerLimit
from adapters.inbound.server.rate_limit import owner_of
from adapters.inbound.server.readiness import Readiness
from adapters.inbound.server.reading import media_type_of, read_body, read_query, read_up_to, require_plain
from adapters.inbound.server.request_id import request_id_of
from core.model.access.caller import Caller
from core.services.wiring import UseCases
from ports.change_feed import key_topic, tenant_topic

CSV, JSON = "text/csv", "application/json"
_UTF_8 = ("utf-8", "utf8")
_QUALITY = re.compile(r"^q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\Z", re.ASCII)


def api_routes(
    use_cases: UseCases,
    readiness: Readiness,
    limits: Limits,
    streams: Streams,
    waits: OwnerLimit,
    table: Sequence[Route] = ROUTES,
) -> Sequence[web.RouteDef]:
    """Every route of the table. A GET route also answers HEAD."""
    routes = []
    for route in table:
        serve = _serve(route, use_cases, readiness, waits, streams, limits.body_seconds)
        if route.method == "GET":
            routes.append(web.get(route.path, serve))
        else:
            routes.append(web.route(route.method, route.path, serve))
    return routes


def _serve(
    route: Route,
    use_cases: UseCases,
    readiness: Readiness,
    waits: OwnerLimit,
    streams: Streams,
    body_seconds: float,
) -> Handler:
    async def serve(request: web.Request) -> web.StreamResponse:
        caller = request.get(CALLER) or Caller(who="nobody")
        slug = request.match_info.get("tenant")
        tenant = await use_cases.find_tenant(slug, caller) if slug else None
        route.access.require(caller)
        side = route.csv if route.csv and speaks_csv(request) else route
        read, csv = await _read(request, route, side, body_seconds)
        call = Call(
            use_cases=use_cases,
            readiness=readiness,
            place_to_wait=partial(_place_to_wait, waits, request),
            input=read,
            path=request.match_info,
            headers=request.headers,
            caller=caller,
            request_id=request_id_of(request),
            of_tenant=tenant,
            csv=csv,
        )
        async with _place_to_ask(request, route, call):
            if Mark.KEPT in route.marks and call.idempotency_key is not None:
                return await answered_once(route, call)
            reply = await side.handler(call)
        if isinstance(reply.body, EventStream):
            with at_rest(request):
                return await streams.follow(request, reply.body, _admission(request, call, route))
        if isinstance(file := reply.body, FileOut):
            owner = owner_of(request) or ""
            return await streamed_download(request, streams, owner, file.name, file.pieces(), file.media_type)
        if route.status == HTTPStatus.NO_CONTENT:
            return web.Response(status=route.status, headers=reply.headers)
        return json_answer(route, reply.body.model_dump_json(), reply.headers, reply.status)

    serve.__name__ = route.name  # the name in the log
    return serve


def _place_to_ask(request: web.Request, route: Route, call: Call[Any]) -> AbstractAsyncContextManager[None]:
    """A place among those that wait for a remote system, if the call may. The systems are the tenant's in the address,
    whoever asks: an operator's key asks those of many."""
    asks = Mark.REMOTE in route.marks and call.input.asks_remote_systems
    owner = f"tenant:{call.of_tenant.id}" if call.of_tenant else owner_of(request) or ""
    return asking_remote(request, owner) if asks else nullcontext()


@contextmanager
def _place_to_wait(waits: OwnerLimit, request: web.Request) -> Iterator[bool]:
    with waits.place(owner_of(request) or "") as free, at_rest(request):
        yield free


def _admission(request: web.Request, call: Call[BaseModel], route: Route) -> Admission:
    async def check() -> None:
        caller = await call.use_cases.authenticate(bearer(request))
        route.access.require(caller)
        await call.use_cases.find_tenant(call.tenant.slug, caller)

    key = [key_topic(call.caller.key.id)] if call.caller.key else []
    return Admission(owner_of(request) or "", "", (*key, tenant_topic(call.tenant.id)), check)


async def _read(request: web.Request, route: Route, side: Route, seconds: float) -> tuple[BaseModel, bytes]:
    """The input, and the body if it is text/csv."""
    if route.method == "GET":
        return read_query(request, side.takes), b""
    if side is route:
        read = await read_body(request, side.takes, seconds=seconds)
        if route.csv:
            read_query(request, Nothing)  # refuses parameters of the CSV form, such as `dry_run`
        return read, b""
    return read_query(request, side.takes), await read_csv_body(request, route.csv_bytes, seconds)


def speaks_csv(request: web.Request) -> bool:
    """Whether a GET prefers CSV by its Accept header, or another method has a CSV body. JSON wins a tie."""
    if request.method in ("GET", "HEAD"):
        accepted = ",".join(request.headers.getall("Accept", []))
        return _quality(accepted, CSV) > _quality(accepted, JSON)
    return media_type_of(request) == CSV


async def read_csv_body(request: web.Request, most: int, seconds: float) -> bytes:
    """The body. Raises BodyTooSlow, CallerMends, aiohttp's 413 and, for another character set than UTF-8, 415."""
    if (request.charset or "utf-8").lower() not in _UTF_8:
        raise web.HTTPUnsupportedMediaType
    require_plain(request)
    return await read_up_to(request, most, seconds=seconds)


def _quality(accepted: str, media_type: str) -> int:
    """The quality of a media type, 0 to 1000: the most specific entry decides."""
    wanted: dict[str, int] = {}
    for part in accepted.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weights = [found.group(1) for one in parameters if (found := _QUALITY.match(one))]
        whole, _, fraction = (weights[0] if weights else "1").partition(".")
        wanted[name] = int(whole + fraction.ljust(3, "0"))
    names = (media_type, media_type.partition("/")[0] + "/*", "*/*")
    return next((wanted[name] for name in names if name in wanted), 0)
