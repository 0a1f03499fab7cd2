"""Executes the faults that both systems share, on the real socket."""

from __future__ import annotations

import asyncio
import contextlib
import zlib
from collections.abc import Iterable
from itertools import chain, repeat

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from adapters.sandbox.faults import Fault, FaultKind, Faults
from adapters.sandbox.request_log import CALL

_PAGE = "<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Please sign in</h1></body></html>"
_DRIP_SECONDS = 0.05
_BLOCK = 1 << 20


def fault_middleware(faults: Faults) -> Middleware:
    """Return a middleware that applies the oldest matching fault to a call, after the whole body was read."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        fault = faults.take(request.method, request.path)
        if fault is None:
            return await handler(request)
        if call := request.get(CALL):
            call.fault = fault.kind
        await request.read()
        return await _meet(fault, faults, request, handler)

    return middleware


async def _meet(fault: Fault, faults: Faults, request: web.Request, handler: Handler) -> web.StreamResponse:
    match fault.kind:
        case FaultKind.LATENCY:
            await asyncio.sleep(fault.seconds)
            return await handler(request)
        case FaultKind.DROP_BEFORE_APPLY:
            return _hang_up(request)
        case FaultKind.APPLY_THEN_DROP:
            await _answer(handler, request)
            return _hang_up(request)
        case FaultKind.APPLY_LATE:
            faults.apply_late(_later(fault.seconds, handler, request))
            return _hang_up(request)
        case FaultKind.APPLY_THEN_STATUS:
            await _answer(handler, request)
            return web.Response(status=fault.status)
        case FaultKind.TRUNCATE:
            return await _truncate(await _answer(handler, request), fault.bytes, request)
        case FaultKind.HTML:
            return web.Response(text=fault.text or _PAGE, content_type="text/html")
        case FaultKind.REDIRECT:
            return web.Response(status=307, headers={"Location": fault.text})
        case FaultKind.DRIP:
            return await _endless(request, repeat(b" "), fault.seconds or _DRIP_SECONDS)
        case FaultKind.BOMB if fault.text == "plain":
            return await _endless(request, repeat(b" " * _BLOCK))
        case FaultKind.BOMB:
            return await _endless(request, _gzip_bomb(), encoding="gzip")
        case _:
            return web.Response(status=fault.status)


def _hang_up(request: web.Request) -> web.Response:
    """Close the socket. The response is not sent."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _later(seconds: float, handler: Handler, request: web.Request) -> None:
    await asyncio.sleep(seconds)
    await _answer(handler, request)


async def _answer(handler: Handler, request: web.Request) -> web.Response:
    try:
        response = await handler(request)
    except web.HTTPException as raised:
        return raised
    assert isinstance(response, web.Response), "the simulated systems answer in one piece"  # noqa: S101
    return response


async def _truncate(whole: web.Response, length: int, request: web.Request) -> web.StreamResponse:
    body = whole.body if isinstance(whole.body, bytes) else b""
    cut = web.StreamResponse(status=whole.status, headers={"Content-Type": whole.headers.get("Content-Type", "")})
    cut.content_length = len(body)
    await cut.prepare(request)
    await cut.write(body[:length])
    if request.transport is not None:
        request.transport.close()
    return cut


async def _endless(
    request: web.Request, pieces: Iterable[bytes], pause: float = 0.0, encoding: str = ""
) -> web.StreamResponse:
    """Write until the caller disconnects."""
    stream = web.StreamResponse(headers={"Content-Type": "text/xml; charset=utf-8"})
    if encoding:
        stream.headers["Content-Encoding"] = encoding
    with contextlib.suppress(ConnectionError):
        await stream.prepare(request)
        for piece in pieces:
            await stream.write(piece)
            await asyncio.sleep(pause)
    return stream


def _gzip_bomb() -> Iterable[bytes]:
    """Yield one compressed mebibyte of blanks again and again. After a full flush the same bytes can be repeated."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    head = packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(b" " * _BLOCK) + packer.flush(zlib.Z_FULL_FLUSH)
    return chain([head], repeat(block))
