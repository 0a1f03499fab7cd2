"""`jobferry sandbox`: runs one simulated system alone, for plugin authors and for trying things by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from adapters.bootstrap.signals import run_until, stop_signals
from adapters.inbound.cli.answers import answers
from adapters.inbound.cli.command_context import group
from adapters.inbound.cli.options import Json
from adapters.inbound.cli.views.output import data, document, say
from adapters.inbound.schema.schema_base import Output
from core.model.shared.errors import OperatorMends

if TYPE_CHECKING:
    from adapters.sandbox.ready_made import Sandbox
    from adapters.sandbox.standalone import System

sandbox = group("sandbox", "A simulated ServiceTrade or Spectrum on this machine.")

Port = Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes any free one.")]
ControlPort = Annotated[int, typer.Option(min=0, max=65535, help="Port for setting faults and reading its state.")]
Tls = Annotated[bool, typer.Option("--tls", help="Use https with a private certificate authority.")]


class SandboxOut(Output):
    """Printed once it listens. `credentials` by name, and `commands` by what they do; `ca_certificate` is PEM, null
    without --tls."""

    system: str
    url: str
    control_url: str
    ca_certificate: str | None
    credentials: Mapping[str, str]
    commands: Mapping[str, str]


@sandbox.command()
@answers(SandboxOut)
def servicetrade(port: Port = 0, control_port: ControlPort = 0, tls: Tls = False, as_json: Json = False) -> None:
    """Run the simulated ServiceTrade until Ctrl-C.

    \b
    Example:
      jobferry sandbox servicetrade --port 8500 --control-port 8501
    """
    _run("servicetrade", port, control_port, tls, as_json)


@sandbox.command()
@answers(SandboxOut)
def spectrum(port: Port = 0, control_port: ControlPort = 0, tls: Tls = False, as_json: Json = False) -> None:
    """Run the simulated Spectrum until Ctrl-C.

    \b
    Example:
      jobferry sandbox spectrum --port 8600 --control-port 8601 --tls
    """
    _run("spectrum", port, control_port, tls, as_json)


def _run(system: System, port: int, control_port: int, tls: bool, as_json: bool) -> None:
    try:
        asyncio.run(_until_stopped(system, port, control_port, tls, as_json))
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OperatorMends(
            f"The simulated {system} cannot listen: {error.strerror}.",
            code="PORT_TAKEN",
            fix="Choose other ports with --port and --control-port, or leave them out to take free ones.",
        ) from error


async def _until_stopped(system: System, port: int, control_port: int, tls: bool, as_json: bool) -> None:
    from adapters.sandbox.standalone import run

    with stop_signals() as stop:
        started = run(system, port, control_port, "valid" if tls else None, partial(_tell, system, as_json))
        await run_until(stop, started)


def _tell(system: str, as_json: bool, sandbox: Sandbox) -> None:
    """The first line is for the program that started this and waits for the addresses."""
    from adapters.sandbox.ready_made import commands, credentials

    if as_json:
        shown = SandboxOut(
            system=system,
            url=sandbox.url,
            control_url=sandbox.control_url,
            ca_certificate=sandbox.ca_certificate,
            credentials=credentials(sandbox),
            commands=dict(commands(sandbox)),
        )
        document(shown)
        return
    typer.echo(f"{system} listens at {sandbox.url}, its control port at {sandbox.control_url}")
    if sandbox.ca_certificate:
        typer.echo(sandbox.ca_certificate)
    for name, value in credentials(sandbox).items():
        data.print(f"{name}: {value}", soft_wrap=True)
    for what, command in commands(sandbox):
        data.print(f"\n{what}:\n  {command}", soft_wrap=True)
    say("Ctrl-C ends it.")
