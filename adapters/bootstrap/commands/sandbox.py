"""`jobferry sandbox`: runs one simulated system alone, for plugin authors and for trying things by hand."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from adapters.bootstrap.signals import run_until, stop_signals
from adapters.inbound.cli.command_context import group
from core.model.shared.errors import OperatorMends

if TYPE_CHECKING:
    from adapters.sandbox.standalone import System

sandbox = group("sandbox", "A simulated ServiceTrade or Spectrum on this machine.")

Port = Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes any free one.")]
ControlPort = Annotated[int, typer.Option(min=0, max=65535, help="Port for setting faults and reading its state.")]
Tls = Annotated[bool, typer.Option("--tls", help="Use https with a private certificate authority.")]


@sandbox.command()
def servicetrade(port: Port = 0, control_port: ControlPort = 0, tls: Tls = False) -> None:
    """Run the simulated ServiceTrade until Ctrl-C."""
    _run("servicetrade", port, control_port, tls)


@sandbox.command()
def spectrum(port: Port = 0, control_port: ControlPort = 0, tls: Tls = False) -> None:
    """Run the simulated Spectrum until Ctrl-C."""
    _run("spectrum", port, control_port, tls)


def _run(system: System, port: int, control_port: int, tls: bool) -> None:
    try:
        asyncio.run(_until_stopped(system, port, control_port, tls))
    except OSError as error:
        raise OperatorMends(
            f"The simulated {system} cannot listen: {error.strerror}.",
            code="PORT_TAKEN",
            fix="Choose other ports with --port and --control-port, or leave them out to take free ones.",
        ) from error


async def _until_stopped(system: System, port: int, control_port: int, tls: bool) -> None:
    from adapters.sandbox.standalone import run

    with stop_signals() as stop:
        await run_until(stop, run(system, port, control_port, "valid" if tls else None, say=_say))


def _say(text: str) -> None:
    """Flushed at once, because the program that started this waits for the addresses."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
