"""Serves an aiohttp application on a loopback socket, and stops it without waiting for stuck calls."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

HOST = "127.0.0.1"
_PATIENCE_SECONDS = 0.2


@asynccontextmanager
async def listening(app: web.Application, port: int = 0, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """Serve `app` on 127.0.0.1 (port 0 = any free one) and yield its base address, without a slash at the end.
    Raises OSError if the port is taken."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_PATIENCE_SECONDS)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, port, ssl_context=tls).start()
        bound = runner.addresses[0][1]
        yield f"{'https' if tls else 'http'}://{HOST}:{bound}"
    finally:
        await runner.cleanup()
