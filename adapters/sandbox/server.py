"""Serves a simulated system on loopback sockets, and stops it without waiting for stuck calls."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from adapters.sandbox.certificates import Certificate, SandboxAuthority

HOST = "127.0.0.1"
_PATIENCE_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class RunningSandbox:
    """The addresses of a running simulated system, without a slash at the end. `ca_certificate` is PEM, None without
    TLS."""

    url: str
    control_url: str
    ca_certificate: str | None


@asynccontextmanager
async def both_listening(
    app: web.Application, control: web.Application, port: int, control_port: int, tls: Certificate | None
) -> AsyncIterator[tuple[str, str, str | None]]:
    """Serve a system and its control port. Yield both base addresses and the authority's certificate."""
    authority = SandboxAuthority() if tls else None
    context = authority.server_context(tls) if authority and tls else None
    async with listening(app, port, context) as url, listening(control, control_port) as control_url:
        yield url, control_url, authority.certificate if authority else None


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
