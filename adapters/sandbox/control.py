"""The control port of one simulated system: planned faults, the state to read and change, and the received calls.

| call | does |
|---|---|
| `POST /faults` | one fault or a list of them: `{"kind": "latency", "match": "/ws/", "seconds": 2}` (see faults.py) |
| `GET /faults`, `DELETE /faults` | the planned faults; delete them |
| `GET /state` | the whole state |
| `PUT /state`, `PATCH /state` | replace it; change parts of it (see the state's module) |
| `GET /requests` | the received calls; `match=TEXT` lists only paths with that text, `applied=true` only calls that |
|  | changed the state; `after=N` waits until there are more than N of them (204 after `wait` seconds, default 30) |

An invalid body is answered with 400 `{"error": ...}`. The port listens on loopback only and needs no password.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar

from aiohttp import web

from adapters.sandbox.controlled_state import ControlledState
from adapters.sandbox.faults import Fault, Faults
from adapters.sandbox.request_log import RequestLog

_LONGEST_WAIT = 300.0
_Given = TypeVar("_Given")
_Made = TypeVar("_Made")


def control_app(state: ControlledState, faults: Faults, requests: RequestLog) -> web.Application:
    async def add_faults(request: web.Request) -> web.Response:
        document = await _document(request)
        new = [_checked(Fault.from_json, one) for one in (document if isinstance(document, list) else [document])]
        for fault in new:
            faults.add(fault)
        return web.json_response([fault.to_json() for fault in faults.waiting()], status=201)

    async def list_faults(_: web.Request) -> web.Response:
        return web.json_response([fault.to_json() for fault in faults.waiting()])

    async def clear_faults(_: web.Request) -> web.Response:
        faults.clear()
        return web.Response(status=204)

    async def show_state(_: web.Request) -> web.Response:
        return web.json_response(state.to_json())

    async def replace_state(request: web.Request) -> web.Response:
        _checked(state.replace, await _object(request))
        return web.json_response(state.to_json())

    async def alter_state(request: web.Request) -> web.Response:
        _checked(state.alter, await _object(request))
        return web.json_response(state.to_json())

    async def list_requests(request: web.Request) -> web.Response:
        after = int(_number(request, "after", -1))
        wait = min(_number(request, "wait", 30), _LONGEST_WAIT)
        try:
            async with asyncio.timeout(wait):
                calls = await requests.wait(
                    after, match=request.query.get("match", ""), applied=request.query.get("applied") == "true"
                )
        except TimeoutError:
            return web.Response(status=204)
        return web.json_response([call.to_json() for call in calls])

    app = web.Application()
    app.add_routes(
        [
            web.post("/faults", add_faults),
            web.get("/faults", list_faults),
            web.delete("/faults", clear_faults),
            web.get("/state", show_state),
            web.put("/state", replace_state),
            web.patch("/state", alter_state),
            web.get("/requests", list_requests),
        ]
    )
    return app


async def _document(request: web.Request, parse_float: Callable[[str], object] = float) -> object:
    try:
        document: object = json.loads(await request.text(), parse_float=parse_float)
    except ValueError as error:
        raise _refusal("the body is not JSON") from error
    return document


async def _object(request: web.Request) -> dict[str, Any]:
    """Read a part of the state with exact numbers."""
    document = await _document(request, Decimal)
    if not isinstance(document, dict):
        raise _refusal("the body must be a JSON object")
    return document


def _number(request: web.Request, name: str, default: float) -> float:
    try:
        value = float(request.query.get(name, default))
    except ValueError as error:
        raise _refusal(f"{name}: must be a number") from error
    if not math.isfinite(value):
        raise _refusal(f"{name}: must be a number")
    return value


def _checked(read: Callable[[_Given], _Made], given: _Given) -> _Made:
    try:
        return read(given)
    except ValueError as error:
        raise _refusal(str(error)) from error


def _refusal(problem: str) -> web.HTTPBadRequest:
    return web.HTTPBadRequest(text=json.dumps({"error": problem}), content_type="application/json")
