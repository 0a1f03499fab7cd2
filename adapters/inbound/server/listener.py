"""The listening socket and its TCP connections, limited in size, time and number. Each is accepted or refused, and even
data that is not HTTP is answered with a problem document."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import cast

import structlog
from aiohttp import web
from aiohttp.http_exceptions import BadHttpMessage, LineTooLong

from adapters.inbound.server.limits import LONGEST_LINE, MOST_HEADERS, Limits
from adapters.inbound.server.peers import client_of, group_of, is_one_of
from adapters.inbound.server.problem import (
    SAFE_HEADERS,
    busy_answer,
    malformed_problem,
    problem_of_transport,
    unexpected_problem,
)
from adapters.inbound.server.request_id import HEADER, new_request_id, request_id_of

_log = structlog.get_logger()
_SHUTDOWN_SECONDS = 5.0
_BACKLOG = 1024
"""Connections that wait to be accepted: more than come at once. Others would try again after a second, then three."""
_NOBODY = logging.Logger("nobody", logging.CRITICAL)
"""Replaces aiohttp's access log, which would write whole addresses: the webhook's is a secret. Our log names routes."""


class ConnectionLimiter:
    """Counts connections, in total and by peer, and aborts those whose client does not read its answer."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.refused = 0
        self._inside: dict[asyncio.Transport, str] = {}
        self._of_peer: Counter[str] = Counter()
        self._unread_since: dict[asyncio.Transport, float] = {}

    @property
    def open_connections(self) -> int:
        return len(self._inside)

    def acquire(self, transport: asyncio.Transport) -> bool:
        """Count one more connection. False if the total or this peer's limit is reached."""
        address = str((transport.get_extra_info("peername") or ("",))[0])
        peer = group_of(address)
        proxy = is_one_of(address, self.limits.trusted_proxies)
        crowded = self._of_peer[peer] >= self.limits.connections_per_peer
        if (crowded and not proxy) or len(self._inside) >= self.limits.connections:
            self.refused += 1
            return False
        self._inside[transport] = peer
        self._of_peer[peer] += 1
        return True

    def release(self, transport: asyncio.Transport) -> None:
        """Forget a closed connection, accepted or not."""
        self._unread_since.pop(transport, None)
        peer = self._inside.pop(transport, None)
        if peer is not None:
            self._of_peer[peer] -= 1
            if not self._of_peer[peer]:
                del self._of_peer[peer]

    def has_read(self, transport: asyncio.Transport) -> None:
        """The client took so much of its answer that more can be written: it is slow at most."""
        self._unread_since.pop(transport, None)

    async def watch(self) -> None:
        """Run forever: abort connections whose answer is not read for too long, also closing ones. A long answer over
        a slow line always has something that is not read yet."""
        clock = asyncio.get_running_loop().time
        while True:
            await asyncio.sleep(self.limits.answer_seconds / 4)
            for transport in [*self._inside]:
                if not transport.get_write_buffer_size():
                    self._unread_since.pop(transport, None)
                elif clock() - self._unread_since.setdefault(transport, clock()) >= self.limits.answer_seconds:
                    transport.abort()


class ClientConnection(web.RequestHandler):
    """aiohttp's request handler behind the limiter, without aiohttp's error pages and tracebacks."""

    __slots__ = ("_entrance", "_limiter")

    def __init__(self, server: web.Server, limiter: ConnectionLimiter) -> None:
        limits = limiter.limits
        super().__init__(
            server,
            loop=asyncio.get_running_loop(),
            keepalive_timeout=limits.head_seconds,
            lingering_time=limits.linger_seconds,
            max_line_size=LONGEST_LINE,
            max_field_size=LONGEST_LINE,
            max_headers=MOST_HEADERS,
            auto_decompress=False,
            access_log=_NOBODY,
        )
        self._limiter = limiter
        self._entrance: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._entrance = cast(asyncio.Transport, transport)
        if self._limiter.acquire(self._entrance):
            super().connection_made(transport)
            return
        self._entrance.write(busy_answer())
        self._entrance.close()
        self.close()  # what it sends meanwhile is not read

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._entrance is not None:
            self._limiter.has_read(self._entrance)

    def connection_lost(self, exc: BaseException | None) -> None:
        if self._entrance is not None:
            self._limiter.release(self._entrance)
        super().connection_lost(exc)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer data that is not HTTP. The answer does not repeat it, because it may contain a key."""
        if request.writer.output_size > 0:
            raise ConnectionError("An answer has begun already.")
        if status == 400:  # nothing of its head is known
            request_id = new_request_id()
            _log.info("request.malformed", kind=type(exc).__name__, request_id=request_id, client=request.remote)
            response = malformed_problem(request_id, too_large=_is_too_large(exc))
        else:
            request_id, client = request_id_of(request), client_of(self._limiter.limits.trusted_proxies, request)
            _log.error("request.failed", request_id=request_id, client=client, exc_info=exc)
            response = unexpected_problem(request_id)
        response.headers.update({**SAFE_HEADERS, HEADER: request_id})
        response.force_close()
        return response


def _is_too_large(error: BaseException | None) -> bool:
    return isinstance(error, LineTooLong) or (isinstance(error, BadHttpMessage) and "Too many headers" in error.message)


@asynccontextmanager
async def serving(app: web.Application, host: str, port: int, limiter: ConnectionLimiter) -> AsyncIterator[str]:
    """Serve until the block ends; yields the address without a slash at the end. Port 0 takes any free one.

    Raises OSError if it cannot listen there.
    """
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS)
    # The address is taken before the application is set up: its cleanup lets everybody go who waits in this process,
    # and a caller whose address was not free may try another one.
    listener = await asyncio.get_running_loop().create_server(
        lambda: ClientConnection(_server_of(runner), limiter), host, port, backlog=_BACKLOG, start_serving=False
    )
    try:
        await runner.setup()
        server = _server_of(runner)
        answer = server.request_handler

        async def answer_everything(request: web.BaseRequest) -> web.StreamResponse:
            """A refused Expect header does not reach the middlewares, so it is answered here."""
            try:
                return await answer(request)
            except web.HTTPException as refused:
                response = problem_of_transport(refused, request_id_of(request))
                response.force_close()
                return response

        server.request_handler = answer_everything
        watching = asyncio.create_task(limiter.watch())
        try:
            await listener.start_serving()
            bound = listener.sockets[0].getsockname()[1]
            yield f"http://{f'[{host}]' if ':' in host else host}:{bound}"
        finally:
            listener.close()
            watching.cancel()
            await asyncio.shield(runner.cleanup())
            with suppress(asyncio.CancelledError):
                await watching
    finally:
        listener.close()


def _server_of(runner: web.AppRunner) -> web.Server:
    if (server := runner.server) is None:
        raise RuntimeError("A runner that is set up has a server.")
    return server
