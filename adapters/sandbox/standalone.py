"""Runs one simulated system alone until it is stopped: for plugin authors, and for manual tests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Literal

from adapters.sandbox.certificates import Certificate
from adapters.sandbox.ready_made import Sandbox
from adapters.sandbox.servicetrade.sandbox import ServiceTradeSandbox
from adapters.sandbox.spectrum.sandbox import SpectrumSandbox

System = Literal["servicetrade", "spectrum"]


async def run(
    system: System,
    port: int = 0,
    control_port: int = 0,
    tls: Certificate | None = None,
    tell: Callable[[Sandbox], None] = lambda sandbox: None,
) -> None:
    """Start `system` on 127.0.0.1 (port 0 = any free one), `tell` of it, and run until cancelled.
    Raises OSError if a port is taken."""
    async with _started(system, port, control_port, tls) as sandbox:
        tell(sandbox)
        await asyncio.Event().wait()


def _started(
    system: System, port: int, control_port: int, tls: Certificate | None
) -> AbstractAsyncContextManager[Sandbox]:
    if system == "spectrum":
        return SpectrumSandbox.start(port, control_port, tls)
    return ServiceTradeSandbox.start(port=port, control_port=control_port, tls=tls)
