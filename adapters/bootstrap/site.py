"""The HTTP side of an installation: the API and the page, on one address."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from adapters.bootstrap.parts import Parts
from adapters.inbound.http.app import make_app
from core.model.errors import OperatorMends

_SHUTDOWN_SECONDS = 5.0


@asynccontextmanager
async def open_site(parts: Parts, host: str, port: int, *, public_overview: bool = False) -> AsyncIterator[str]:
    """Serve until the block ends; gives the address, without a slash at the end. Port 0 takes any free one.

    Raises OperatorMends (PORT_TAKEN) if somebody else listens there.
    """
    app = make_app(parts.use_cases, ready=parts.ready, public_overview=public_overview)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise _cannot_listen(host, port, error) from error
        bound = runner.addresses[0][1]
        yield f"http://{f'[{host}]' if ':' in host else host}:{bound}"
    finally:
        await asyncio.shield(runner.cleanup())


def _cannot_listen(host: str, port: int, error: OSError) -> OperatorMends:
    if error.errno == errno.EADDRINUSE:
        return OperatorMends(
            f"Port {port} on {host} is taken by another program.",
            code="PORT_TAKEN",
            fix="Stop that program, or choose another port with --port (or JOBFERRY_PORT).",
        )
    return OperatorMends(
        f"Jobferry cannot listen on {host}:{port}: {error.strerror or error}.",
        code="CANNOT_LISTEN",
        fix="Choose an address of this machine with --host, such as 127.0.0.1, and a port above 1023 with --port.",
    )
