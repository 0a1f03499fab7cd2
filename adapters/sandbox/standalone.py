"""Runs one simulated system alone until it is stopped: for plugin authors, and for manual tests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Literal

from adapters.sandbox.certificates import Certificate
from adapters.sandbox.server import RunningSandbox
from adapters.sandbox.servicetrade.sandbox import ServiceTradeSandbox
from adapters.sandbox.spectrum.sandbox import SpectrumSandbox

System = Literal["servicetrade", "spectrum"]


async def run(
    system: System,
    port: int = 0,
    control_port: int = 0,
    tls: Certificate | None = None,
    say: Callable[[str], None] = print,
) -> None:
    """Start `system` on 127.0.0.1 (port 0 = any free one), print its addresses, and run until cancelled.
    Raises OSError if a port is taken."""
    async with _started(system, port, control_port, tls) as sandbox:
        say(f"{system} listens at {sandbox.url}, its control port at {sandbox.control_url}")
        if sandbox.ca_certificate:
            say(sandbox.ca_certificate)
        await asyncio.Event().wait()


def _started(
    system: System, port: int, control_port: int, tls: Certificate | None
) -> AbstractAsyncContextManager[RunningSandbox]:
    if system == "spectrum":
        return SpectrumSandbox.start(port, control_port, tls)
    return ServiceTradeSandbox.start(port=port, control_port=control_port, tls=tls)
