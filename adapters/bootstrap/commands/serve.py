"""`jobferry serve`: the API and the console, and a worker in the same process unless --no-worker is given.

`jobferry worker` carries out sends. Any number may run, on every machine that reaches the database.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Annotated

import typer

from adapters.bootstrap.importing import much_imported
from adapters.bootstrap.installation import Installation, installation_of
from adapters.bootstrap.service_log import service_log
from adapters.bootstrap.signals import stop_signals
from adapters.inbound.cli.answers import answers
from adapters.inbound.cli.options import Json
from adapters.inbound.cli.views.output import document
from adapters.inbound.schema.schema_base import Output

if TYPE_CHECKING:
    from adapters.bootstrap.settings import Settings


class ServingOut(Output):
    """Printed once it listens at `address`."""

    address: str


class WorkingOut(Output):
    """Printed once it works. `health_address` is null without --port; `slots` is how many connections it serves at the
    same time."""

    health_address: str | None
    slots: int
    slots_of_a_tenant: int


@answers(ServingOut)
def serve(
    ctx: typer.Context,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes any free one.")] = None,
    worker: Annotated[bool, typer.Option("--worker/--no-worker", help="Also carry out sends in this process.")] = True,
    as_json: Json = False,
) -> None:
    """Serve the API and the console until Ctrl-C or SIGTERM.

    Run `jobferry init` first.

    \b
    Example:
      jobferry serve --host 0.0.0.0 --port 8480
    """
    installation = installation_of(ctx).with_flags(host=host, port=port)
    with service_log("serve", installation):
        asyncio.run(_serve(installation, with_worker=worker, as_json=as_json))


async def _serve(installation: Installation, *, with_worker: bool, as_json: bool) -> None:
    with much_imported():
        from adapters.bootstrap.runtime import open_runtime
        from adapters.bootstrap.web_app import open_http_server

    settings = installation.settings
    with stop_signals() as stop:
        async with AsyncExitStack() as stack:
            runtime = await stack.enter_async_context(open_runtime(settings))
            await runtime.services.compare_intents(sending=with_worker)
            address = await stack.enter_async_context(open_http_server(runtime, settings.host, settings.port))
            if as_json:
                document(ServingOut(address=address))
            else:
                _say(settings, f"Jobferry listens at {address}")
            await (runtime.work(stop) if with_worker else stop.wait())


@answers(WorkingOut)
def worker(
    ctx: typer.Context,
    concurrency: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=2000,
            help="Slots: how many connections to serve at the same time. "
            "One tenant has at most JOBFERRY_WORKER_TENANT_SHARE of them (0.25).",
        ),
    ] = None,
    host: Annotated[str | None, typer.Option(help="Address for health checks and metrics.")] = None,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Port for /livez, /readyz and /metrics; without it none is opened."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Carry out sends until Ctrl-C or SIGTERM.

    It finishes the running steps before it stops.

    \b
    Example:
      jobferry worker --concurrency 400 --port 9480
    """
    installation = installation_of(ctx).with_flags(worker_concurrency=concurrency, worker_host=host, worker_port=port)
    with service_log("worker", installation):
        asyncio.run(_work(installation, as_json=as_json))


async def _work(installation: Installation, *, as_json: bool) -> None:
    with much_imported():
        from adapters.bootstrap.runtime import open_runtime

    settings, address = installation.settings, None
    with stop_signals() as stop:
        async with AsyncExitStack() as stack:
            runtime = await stack.enter_async_context(open_runtime(settings))
            if settings.worker_port is not None:
                from adapters.bootstrap.web_app import open_http_server

                listening = open_http_server(runtime, settings.worker_host, settings.worker_port, only_health=True)
                address = await stack.enter_async_context(listening)
            most, of_a_tenant = runtime.slots.total, runtime.slots.of_a_tenant
            if as_json:
                document(WorkingOut(health_address=address, slots=most, slots_of_a_tenant=of_a_tenant))
            else:
                if address:
                    _say(settings, f"Jobferry answers health checks at {address}")
                _say(
                    settings, f"Jobferry serves up to {most} connections at the same time, {of_a_tenant} of one tenant"
                )
            await runtime.work(stop)


def _say(settings: Settings, text: str) -> None:
    """Tell who started it. Not if it has to write JSON only, as where stdout and stderr end in one log."""
    if settings.log_format != "json":
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
