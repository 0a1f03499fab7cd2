"""Server-sent events: a stream that ends with its client, its key, its last event, or this process."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

import structlog
from aiohttp import web
from pydantic import WithJsonSchema

from adapters.inbound.schema.schema_base import Output
from core.model.shared.errors import JobferryError, TimeMends

_log = structlog.get_logger()
MEDIA_TYPE = "text/event-stream"
COME_BACK_SECONDS = 2
"""How long a client should wait before it reconnects (with Last-Event-ID)."""
_LOOK_SECONDS = 1.0
"""How soon a revoked key, a removed tenant and our own shutdown are noticed; a cached key adds two seconds."""
_HEARTBEAT_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """The client sends `id` back as Last-Event-ID. The stream ends after the `last` event."""

    id: str
    name: str
    data: str
    last: bool


Following = Callable[[str, float], Awaitable[StreamEvent | None]]
"""The next event after the one with that id, or None if none comes within that many seconds."""


class EventStream(Output):
    """A stream of events. `over`: the client has seen the last event already."""

    following: Annotated[Following, WithJsonSchema({"type": "string"})]
    over: bool = False


class TooManyStreams(TimeMends):
    """An owner has as many streams open as allowed."""

    default_code = "TOO_MANY_STREAMS"


class Streams:
    """Counts the open streams of each owner, and ends all of them when the process ends."""

    def __init__(self, most_of_an_owner: int) -> None:
        self._most = most_of_an_owner
        self._open: Counter[str] = Counter()
        self.closing = False

    async def close(self, _: web.Application) -> None:
        self.closing = True

    @contextmanager
    def place(self, owner: str) -> Iterator[None]:
        """Raises TooManyStreams."""
        if self._open[owner] >= self._most:
            raise TooManyStreams(
                f"{self._most} event streams are open already.", fix="Close some, or follow by GET.", retry_after=5
            )
        self._open[owner] += 1
        try:
            yield
        finally:
            self._open[owner] -= 1
            if not self._open[owner]:
                del self._open[owner]


async def follow(
    request: web.Request,
    body: EventStream,
    *,
    owner: str,
    allowed: Callable[[], Awaitable[object]],
    streams: Streams,
    seconds: float,
) -> web.StreamResponse:
    """Answer with the events of `body`, as one more stream of `owner`, until the last one, or for `seconds`; 204 if the
    client has seen the last event.

    `allowed` raises a JobferryError if the client may not continue. Then the stream ends, and the client learns the
    reason when it reconnects. Raises TooManyStreams.
    """
    if body.over:
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def goes_on() -> bool:
        if streams.closing or request.transport is None:
            return False
        try:
            await allowed()
        except JobferryError:
            return False
        return True

    with streams.place(owner):
        response = web.StreamResponse(headers={"Content-Type": MEDIA_TYPE, "X-Accel-Buffering": "no"})
        response.force_close()
        await response.prepare(request)
        if request.method == "HEAD":
            return response
        request.protocol.close()  # what the client sends meanwhile is neither read nor buffered
        try:
            await response.write(f"retry: {COME_BACK_SECONDS * 1000}\n\n".encode())
            async for chunk in _chunks(body.following, request.headers.get("Last-Event-ID", ""), goes_on, seconds):
                await response.write(chunk)
        except ConnectionError:
            pass  # the client has disconnected
        except Exception:  # a problem document would be read as part of the stream
            _log.exception("stream.failed")
        return response


async def _chunks(
    following: Following, seen: str, goes_on: Callable[[], Awaitable[bool]], seconds: float
) -> AsyncIterator[bytes]:
    clock = asyncio.get_running_loop().time
    until, quiet_since = clock() + seconds, clock()
    while await goes_on():
        try:
            event = await following(seen, max(0.0, min(_LOOK_SECONDS, until - clock())))
        except JobferryError:
            return
        if event:
            seen, quiet_since = event.id, clock()
            yield _written(event)
        elif clock() - quiet_since >= _HEARTBEAT_SECONDS:
            quiet_since = clock()
            yield b": still here\n\n"
        if (event and event.last) or clock() >= until:
            return


def _written(event: StreamEvent) -> bytes:
    data = "".join(f"data: {line}\n" for line in event.data.splitlines())
    return f"id: {event.id}\nevent: {event.name}\n{data}\n".encode()
