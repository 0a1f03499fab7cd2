"""Server-sent events: a stream that ends with its client, its key, its last event, or this process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated

import structlog
from aiohttp import web
from pydantic import WithJsonSchema

from adapters.inbound.schema.schema_base import Output
from adapters.inbound.server.owner_limit import OwnerLimit, SharedPlaces
from core.model.shared.errors import JobferryError, TimeMends
from ports.change_feed import ChangeFeed, Subscription

_log = structlog.get_logger()
MEDIA_TYPE = "text/event-stream"
COME_BACK_SECONDS = 2
"""How long a client should wait before it reconnects (with Last-Event-ID)."""
_GONE_SECONDS = 1.0
"""How soon it is noticed that a client has gone."""
_HEARTBEAT_SECONDS = 15.0
FILES_AT_ONCE = 3
FILES_TOGETHER = 12
"""Files that all accounts together have under way. One that is read slowly may keep a database session (an export of a
tenant does), and requests need the others: a process has 20."""


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """The client sends `id` back as Last-Event-ID. The stream ends after the `last` event."""

    id: str
    name: str
    data: str
    last: bool


Look = Callable[[str], Awaitable[StreamEvent | None]]
"""The next event after the one with that id, None if there is none yet."""
Watch = Callable[[float], Awaitable[None]]
"""Has changes of the topic told for so many seconds."""
_CODE = WithJsonSchema({"type": "string"})


class EventStream(Output):
    """A stream of events: `look` is called at the start and after each change of `topic`, and also `every` so many
    seconds where not every change is told of. `over`: the client has seen the last event already."""

    topic: str
    watch: Annotated[Watch, _CODE]
    look: Annotated[Look, _CODE]
    over: bool = False
    every: float | None = None


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether the client may go on: `check` raises a JobferryError if not. It is asked again after each change of
    `topics`, and with each heartbeat. `owner` is whose stream it is, `person` who looks at it, '' for a program."""

    owner: str
    person: str
    topics: tuple[str, ...]
    check: Callable[[], Awaitable[object]]


class TooManyStreams(TimeMends):
    """An owner has as many streams open as allowed."""

    default_code = "TOO_MANY_STREAMS"


@dataclass(frozen=True, slots=True)
class Streams:
    """What the streams of this process share. Each ends after `seconds`. `files` counts files of any length, which are
    read from the database while they are sent, for each person or key's owner; the accounts share `files_together`."""

    feed: ChangeFeed
    limit: OwnerLimit
    seconds: float
    of_person: OwnerLimit
    files: OwnerLimit = field(default_factory=lambda: OwnerLimit(FILES_AT_ONCE))
    files_together: SharedPlaces = field(default_factory=lambda: SharedPlaces(FILES_TOGETHER))

    async def follow(self, request: web.Request, body: EventStream, admission: Admission) -> web.StreamResponse:
        """Answer with the events of `body` until the last one; 204 if the client has seen the last event.

        If the client may not continue, the stream ends, and the client learns the reason when it reconnects.
        Raises TooManyStreams.
        """
        if body.over:
            return web.Response(status=HTTPStatus.NO_CONTENT)
        with ExitStack() as places:
            if admission.person and not places.enter_context(self.of_person.place(admission.person)):
                message = f"{self.of_person.most} of your pages are told of changes already."
                raise TooManyStreams(message, fix="Close some. This page looks by itself now and then.", retry_after=5)
            if not places.enter_context(self.limit.place(admission.owner)):
                message = "This account has as many event streams open as it may have now."
                raise TooManyStreams(message, fix="Close some, or follow by GET.", retry_after=5)
            response = web.StreamResponse(headers={"Content-Type": MEDIA_TYPE, "X-Accel-Buffering": "no"})
            response.force_close()
            await response.prepare(request)
            if request.method == "HEAD":
                return response
            request.protocol.close()  # what the client sends meanwhile is neither read nor buffered
            try:
                await response.write(f"retry: {COME_BACK_SECONDS * 1000}\n\n".encode())
                with self.feed.subscribe(body.topic, *admission.topics) as changes:
                    async for chunk in self._chunks(request, body, admission, changes):
                        await response.write(chunk)
            except (ConnectionError, JobferryError):
                pass  # the client has disconnected, or may not continue
            except Exception:  # a problem document would be read as part of the stream
                _log.exception("stream.failed")
            return response

    async def _chunks(
        self, request: web.Request, body: EventStream, admission: Admission, changes: Subscription
    ) -> AsyncIterator[bytes]:
        clock = asyncio.get_running_loop().time
        until, beat = clock() + self.seconds, clock() + _HEARTBEAT_SECONDS
        seen, changed = request.headers.get("Last-Event-ID", ""), True
        every = body.every or self.seconds
        look_at = clock() + every
        await body.watch(self.seconds)
        while True:
            if changed or clock() >= beat:
                await admission.check()
            if changed and (event := await body.look(seen)):
                seen, beat = event.id, clock() + _HEARTBEAT_SECONDS
                yield _written(event)
                if event.last:
                    return
            if clock() >= beat:
                beat = clock() + _HEARTBEAT_SECONDS
                yield b": still here\n\n"
            if changes.ended or clock() >= until or request.transport is None:
                return
            changed = await changes.next(min(_GONE_SECONDS, every, until - clock())) or clock() >= look_at
            if changed:
                look_at = clock() + every


def _written(event: StreamEvent) -> bytes:
    data = "".join(f"data: {line}\n" for line in event.data.splitlines())
    return f"id: {event.id}\nevent: {event.name}\n{data}\n".encode()
