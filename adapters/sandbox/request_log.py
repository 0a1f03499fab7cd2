"""The calls that a simulated system received, and whether they changed anything; no headers, bodies or queries."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware


@dataclass(slots=True)
class Call:
    """One received call. `applied` becomes true when it has changed the state (possibly after its connection closed).

    `fault` is the kind of its fault, `status` the HTTP status of the answer (None while it runs, or if it was cut off).
    """

    method: str
    path: str
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    applied: bool = False
    fault: str | None = None
    status: int | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"at": self.at.isoformat()}


class RequestLog:
    """The calls in order of arrival. A call is listed as soon as its head is read."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self._changed = asyncio.Condition()

    def applied(self) -> list[Call]:
        return [call for call in self.calls if call.applied]

    async def received(self, method: str, path: str) -> Call:
        self.calls.append(call := Call(method, path))
        await self._tell()
        return call

    async def mark_applied(self, call: Call) -> None:
        call.applied = True
        await self._tell()

    async def wait(self, after: int, *, match: str = "", applied: bool = False) -> list[Call]:
        """Wait for more than `after` calls with `match` in the path and return them. `applied`: only applied calls."""

        def selected() -> list[Call]:
            return [call for call in self.calls if match in call.path and (call.applied or not applied)]

        async with self._changed:
            await self._changed.wait_for(lambda: len(selected()) > after)
            return selected()

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()


CALL = web.RequestKey("call", Call)


def log_middleware(log: RequestLog) -> Middleware:
    """Return a middleware that lists every call. It runs before `fault_middleware`, so calls with faults are listed."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        call = request[CALL] = await log.received(request.method, request.path)
        try:
            response = await handler(request)
        except web.HTTPException as raised:
            call.status = raised.status
            raise
        if request.transport is not None and not request.transport.is_closing():
            call.status = response.status
        return response

    return middleware
