"""The HTTP server of an installation: API and console, on one address."""

from __future__ import annotations

import errno
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from adapters.bootstrap.runtime import Runtime
from adapters.bootstrap.web_app import make_app
from adapters.inbound.server.listener import serving
from adapters.inbound.server.tcp import ConnectionLimiter
from core.model.shared.errors import OperatorMends


@asynccontextmanager
async def open_http_server(runtime: Runtime, host: str, port: int) -> AsyncIterator[str]:
    """Serve until the block ends; yields the address without a slash at the end. Port 0 takes any free one.

    Raises OperatorMends (PORT_TAKEN) if another program listens there, and OperatorMends (CANNOT_LISTEN).
    """
    limiter = ConnectionLimiter(runtime.limits)
    app = make_app(
        runtime.use_cases,
        ready=runtime.ready,
        limiter=limiter,
        open_metrics=runtime.open_metrics,
    )
    async with AsyncExitStack() as stack:
        try:
            address = await stack.enter_async_context(serving(app, host, port, limiter))
        except OSError as error:
            raise _cannot_listen(host, port, error) from error
        yield address


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
