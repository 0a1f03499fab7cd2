"""The listening socket: serves the application over connections that are limited in size, time and number."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from aiohttp import web

from adapters.inbound.server.problem import problem_of_transport
from adapters.inbound.server.tcp import ClientConnection, ConnectionLimiter

_SHUTDOWN_SECONDS = 5.0


@asynccontextmanager
async def serving(app: web.Application, host: str, port: int, limiter: ConnectionLimiter) -> AsyncIterator[str]:
    """Serve until the block ends; yields the address without a slash at the end. Port 0 takes any free one.

    Raises OSError if it cannot listen there.
    """
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS)
    await runner.setup()
    if (server := runner.server) is None:
        raise RuntimeError("A runner that is set up has a server.")
    answer = server.request_handler

    async def answer_everything(request: web.BaseRequest) -> web.StreamResponse:
        """A refused Expect header does not reach the middlewares, so it is answered here."""
        try:
            return await answer(request)
        except web.HTTPException as refused:
            response = problem_of_transport(refused)
            response.force_close()
            return response

    server.request_handler = answer_everything
    watching = asyncio.create_task(limiter.watch())
    try:
        listener = await asyncio.get_running_loop().create_server(
            lambda: ClientConnection(server, limiter), host, port, backlog=128
        )
        try:
            bound = listener.sockets[0].getsockname()[1]
            yield f"http://{f'[{host}]' if ':' in host else host}:{bound}"
        finally:
            listener.close()
    finally:
        watching.cancel()
        await asyncio.shield(runner.cleanup())
        with suppress(asyncio.CancelledError):
            await watching
